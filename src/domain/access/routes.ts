import { Hono } from "hono";
import { done, success, SNAPSHOT_CHANGED } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { readJson } from "../../core/read-body.ts";
import * as access from "./index.ts";

type Door = { Variables: { ctx: Context } };

/** REST of API tokens: `/tokens`. */
export function tokenRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await access.listTokens(c.var.ctx)));
  app.post("/", async (c) =>
    success(await access.createToken(c.var.ctx, { token: await readJson(c.req.raw) }), 201, {
      ...SNAPSHOT_CHANGED,
      "x-flow-secret": "token",
    }),
  );
  app.delete("/:id", async (c) => {
    await access.revokeToken(c.var.ctx, { id: c.req.param("id") });
    return done(SNAPSHOT_CHANGED);
  });
  return app;
}

/** REST of trusted public keys: `/keys`. */
export function keyRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await access.listKeys(c.var.ctx)));
  app.post("/", async (c) =>
    success(await access.createKey(c.var.ctx, { key: await readJson(c.req.raw) }), 201, SNAPSHOT_CHANGED),
  );
  app.delete("/:kid", async (c) => {
    await access.revokeKey(c.var.ctx, { kid: c.req.param("kid") });
    return done(SNAPSHOT_CHANGED);
  });
  return app;
}
