import { Hono } from "hono";
import { done, success, SNAPSHOT_CHANGED } from "../../core/answers.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { readJson } from "../../core/read-body.ts";
import { parseInput } from "../../core/parse-input.ts";
import * as members from "./index.ts";
import { Revoked } from "./leavings.ts";

type Door = { Variables: { ctx: IdentityContext } };

/** REST of the people of a tenant: `/members`. */
export function memberRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await members.listMembers(c.var.ctx)));
  app.get("/:id", async (c) => success(await members.getMember(c.var.ctx, { id: c.req.param("id") })));
  app.patch("/:id", async (c) => {
    const change = await readJson(c.req.raw);
    return success(await members.updateMember(c.var.ctx, { id: c.req.param("id"), change }));
  });
  app.delete("/:id", async (c) => {
    const { revoke } = parseInput(
      Revoked,
      c.req.query(),
      "members/invalid-member",
      "The query is not valid.",
    );
    const left = await members.removeMember(c.var.ctx, { id: c.req.param("id"), revoke });
    if (left.tokens.length + left.schedules.length === 0) return done(SNAPSHOT_CHANGED);
    return success(left, 200, SNAPSHOT_CHANGED);
  });
  app.get("/:id/leavings", async (c) =>
    success(await members.listLeavings(c.var.ctx, { id: c.req.param("id") })),
  );
  return app;
}

/** REST of invitations: `/invitations`. */
export function invitationRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await members.listInvitations(c.var.ctx)));
  app.post("/", async (c) =>
    success(await members.createInvitation(c.var.ctx, { invitation: await readJson(c.req.raw) }), 201),
  );
  app.delete("/:id", async (c) => {
    await members.revokeInvitation(c.var.ctx, { id: c.req.param("id") });
    return done();
  });
  return app;
}

/** REST of teams: `/teams`. */
export function teamRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await members.listTeams(c.var.ctx)));
  app.post("/", async (c) =>
    success(await members.createTeam(c.var.ctx, { team: await readJson(c.req.raw) }), 201),
  );
  app.patch("/:id", async (c) => {
    const change = await readJson(c.req.raw);
    return success(await members.updateTeam(c.var.ctx, { id: c.req.param("id"), change }));
  });
  app.delete("/:id", async (c) => {
    await members.deleteTeam(c.var.ctx, { id: c.req.param("id") });
    return done();
  });
  app.put("/:id/members/:person", async (c) => {
    await members.addToTeam(c.var.ctx, { id: c.req.param("id"), person: c.req.param("person") });
    return done();
  });
  app.delete("/:id/members/:person", async (c) => {
    await members.removeFromTeam(c.var.ctx, { id: c.req.param("id"), person: c.req.param("person") });
    return done();
  });
  return app;
}

/** REST of a tenant's domains: `/domains`. */
export function domainRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await members.listDomains(c.var.ctx)));
  app.post("/", async (c) =>
    success(await members.addDomain(c.var.ctx, { domain: await readJson(c.req.raw) }), 201),
  );
  app.post("/:domain/verify", async (c) =>
    success(await members.verifyDomain(c.var.ctx, { domain: c.req.param("domain") })),
  );
  app.delete("/:domain", async (c) => {
    await members.removeDomain(c.var.ctx, { domain: c.req.param("domain") });
    return done();
  });
  return app;
}
