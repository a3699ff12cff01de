import { Hono } from "hono";
import { done, success } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { readJson } from "../../core/read-body.ts";
import * as access from "./index.ts";

type Door = { Variables: { ctx: Context } };

/** Tells the gateway that the tenant's snapshot is old now. */
const CHANGED = { "x-flow-snapshot": "changed" };

/** REST of API tokens: `/tokens`. */
export function tokenRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await access.listTokens(c.var.ctx)));
  app.post("/", async (c) =>
    success(await access.createToken(c.var.ctx, { token: await readJson(c.req.raw) }), 201, {
      ...CHANGED,
      "x-flow-secret": "token",
    }),
  );
  app.delete("/:id", async (c) => {
    await access.revokeToken(c.var.ctx, { id: c.req.param("id") });
    return done(CHANGED);
  });
  return app;
}

/** REST of trusted public keys: `/keys`. */
export function keyRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await access.listKeys(c.var.ctx)));
  app.post("/", async (c) =>
    success(await access.createKey(c.var.ctx, { key: await readJson(c.req.raw) }), 201, CHANGED),
  );
  app.delete("/:kid", async (c) => {
    await access.revokeKey(c.var.ctx, { kid: c.req.param("kid") });
    return done(CHANGED);
  });
  return app;
}
