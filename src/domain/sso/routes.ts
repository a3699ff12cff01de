import { Hono } from "hono";
import { done, success } from "../../core/answers.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { readJson } from "../../core/read-body.ts";
import * as sso from "./index.ts";

type Door = { Variables: { ctx: IdentityContext } };

/** REST of a tenant's connections: `/sso`. */
export function ssoRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/connections", async (c) => success(await sso.listConnections(c.var.ctx)));
  app.post("/connections", async (c) =>
    success(await sso.createConnection(c.var.ctx, { connection: await readJson(c.req.raw) }), 201),
  );
  app.get("/connections/:id", async (c) =>
    success(await sso.getConnection(c.var.ctx, { id: c.req.param("id") })),
  );
  app.patch("/connections/:id", async (c) => {
    const change = await readJson(c.req.raw);
    return success(await sso.updateConnection(c.var.ctx, { id: c.req.param("id"), change }));
  });
  app.delete("/connections/:id", async (c) => {
    await sso.deleteConnection(c.var.ctx, { id: c.req.param("id") });
    return done();
  });
  return app;
}
