import type { Hono } from "hono";
import { domainRoutes, invitationRoutes, memberRoutes, teamRoutes } from "../../domain/members/routes.ts";
import { oauthApiRoutes } from "../../domain/oauth/routes.ts";
import { ssoRoutes } from "../../domain/sso/routes.ts";
import type { IdentityApp } from "./app.ts";

/** Mounts the REST routes that IDENTITY answers, below `/api/v3`. */
export function mountIdentityApi(app: Hono<IdentityApp>): void {
  app.route("/api/v3/members", memberRoutes());
  app.route("/api/v3/invitations", invitationRoutes());
  app.route("/api/v3/teams", teamRoutes());
  app.route("/api/v3/domains", domainRoutes());
  app.route("/api/v3/oauth", oauthApiRoutes());
  app.route("/api/v3/sso", ssoRoutes());
}
