import { Hono } from "hono";
import { done, success, SNAPSHOT_CHANGED } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { readJson } from "../../core/read-body.ts";
import * as tenants from "./index.ts";

type Door = { Variables: { ctx: Context } };

/** REST of the tenant itself: `/tenant`. */
export function tenantRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await tenants.getTenant(c.var.ctx)));
  app.patch("/", async (c) =>
    success(
      await tenants.updateTenant(c.var.ctx, { change: await readJson(c.req.raw) }),
      200,
      SNAPSHOT_CHANGED,
    ),
  );
  return app;
}

/** REST of environments: `/environments`. */
export function environmentRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await tenants.listEnvironments(c.var.ctx)));
  app.patch("/:name", async (c) => {
    const environment = await tenants.updateEnvironment(c.var.ctx, {
      name: c.req.param("name"),
      change: await readJson(c.req.raw),
    });
    return success(environment, 200, SNAPSHOT_CHANGED);
  });
  app.post("/", async (c) =>
    success(
      await tenants.createEnvironment(c.var.ctx, { environment: await readJson(c.req.raw) }),
      201,
      SNAPSHOT_CHANGED,
    ),
  );
  app.delete("/:name", async (c) => {
    await tenants.deleteEnvironment(c.var.ctx, { name: c.req.param("name") });
    return done(SNAPSHOT_CHANGED);
  });
  app.get("/aliases", async (c) => success(await tenants.listAliases(c.var.ctx)));
  app.put("/aliases/:name", async (c) => {
    const alias = { name: c.req.param("name"), target: await readJson(c.req.raw) };
    return success(await tenants.putAlias(c.var.ctx, alias), 200, SNAPSHOT_CHANGED);
  });
  app.delete("/aliases/:name", async (c) => {
    await tenants.deleteAlias(c.var.ctx, { name: c.req.param("name") });
    return done(SNAPSHOT_CHANGED);
  });
  return app;
}
