import { Hono } from "hono";
import { done, success, SNAPSHOT_CHANGED } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { parseInput } from "../../core/parse-input.ts";
import { readJson } from "../../core/read-body.ts";
import * as policies from "./index.ts";

type Door = { Variables: { ctx: Context } };

/** REST of roles: `/roles`. */
export function roleRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await policies.listRoles(c.var.ctx)));
  app.post("/", async (c) =>
    success(await policies.createRole(c.var.ctx, { role: await readJson(c.req.raw) }), 201, SNAPSHOT_CHANGED),
  );
  app.get("/:id", async (c) => success(await policies.getRole(c.var.ctx, { id: c.req.param("id") })));
  app.patch("/:id", async (c) => {
    const id = c.req.param("id");
    return success(
      await policies.updateRole(c.var.ctx, { id, change: await readJson(c.req.raw) }),
      200,
      SNAPSHOT_CHANGED,
    );
  });
  app.delete("/:id", async (c) => {
    await policies.deleteRole(c.var.ctx, { id: c.req.param("id") });
    return done(SNAPSHOT_CHANGED);
  });
  return app;
}

/** REST of policies: `/policies`. */
export function policyRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await policies.listPolicies(c.var.ctx)));
  app.post("/", async (c) =>
    success(
      await policies.createPolicy(c.var.ctx, { policy: await readJson(c.req.raw) }),
      201,
      SNAPSHOT_CHANGED,
    ),
  );
  app.get("/:id", async (c) => success(await policies.getPolicy(c.var.ctx, { id: c.req.param("id") })));
  app.patch("/:id", async (c) => {
    const id = c.req.param("id");
    return success(
      await policies.updatePolicy(c.var.ctx, { id, change: await readJson(c.req.raw) }),
      200,
      SNAPSHOT_CHANGED,
    );
  });
  app.delete("/:id", async (c) => {
    await policies.deletePolicy(c.var.ctx, { id: c.req.param("id") });
    return done(SNAPSHOT_CHANGED);
  });
  return app;
}

/** REST of what somebody may do, and why: `/access`. */
export function accessRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/me", (c) => success(policies.describeMe(c.var.ctx)));
  app.get("/explain", async (c) => {
    const query = parseInput(
      policies.ExplainQuery,
      c.req.query(),
      "access/bad-query",
      "The query is not valid.",
    );
    return success(await policies.explainAccess(c.var.ctx, query));
  });
  return app;
}
