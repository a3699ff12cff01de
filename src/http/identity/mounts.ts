import type { Hono } from "hono";
import { mountOperations } from "../mount-operations.ts";
import type { IdentityApp } from "./app-env.ts";
import { IDENTITY_GROUPS } from "./operation-groups.ts";

/** Mounts the REST routes that IDENTITY answers, below `/api/v3`. */
export function mountIdentityApi(app: Hono<IdentityApp>): void {
  mountOperations(
    app,
    IDENTITY_GROUPS.flatMap(({ operations }) => operations),
    "/api/v3",
  );
}
