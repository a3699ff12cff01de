import type { Hono } from "hono";
import { oauthApiRoutes } from "../../domain/oauth/routes.ts";
import { ssoRoutes } from "../../domain/sso/routes.ts";
import { mountOperations } from "../mount-operations.ts";
import type { IdentityApp } from "./app.ts";
import { IDENTITY_GROUPS } from "./operation-groups.ts";

const PREFIX = "/api/v3";

/** Mounts the REST routes that IDENTITY answers, below `/api/v3`. */
export function mountIdentityApi(app: Hono<IdentityApp>): void {
  mountOperations(
    app,
    IDENTITY_GROUPS.flatMap(({ operations }) => operations),
    PREFIX,
  );
  app.route(`${PREFIX}/oauth`, oauthApiRoutes());
  app.route(`${PREFIX}/sso`, ssoRoutes());
}
