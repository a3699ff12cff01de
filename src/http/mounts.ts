import type { Hono } from "hono";
import type { ContentApp } from "./content-app-env.ts";
import { aggregateRoutes, contentRoutes, trashRoutes } from "../domain/content/routes.ts";
import { mountOperations } from "./mount-operations.ts";
import { CONTENT_GROUPS } from "./operation-groups.ts";

/** Mounts the REST routes of every slice. */
export function mountSlices(api: Hono<ContentApp>): void {
  mountOperations(
    api,
    CONTENT_GROUPS.flatMap(({ operations }) => operations),
  );
  api.route("/content", contentRoutes());
  api.route("/trash", trashRoutes());
  api.route("/aggregate", aggregateRoutes());
}
