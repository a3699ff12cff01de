import { Hono } from "hono";
import { done, success, SNAPSHOT_CHANGED } from "../../core/answers.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { readJson } from "../../core/read-body.ts";
import * as oauth from "./index.ts";

type Door = { Variables: { ctx: IdentityContext } };

const SECRET = { "x-flow-secret": "client" };

/** REST of OAuth clients and issuer keys: `/oauth`. */
export function oauthApiRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/clients", async (c) => success(await oauth.listClients(c.var.ctx)));
  app.post("/clients", async (c) =>
    success(await oauth.createClient(c.var.ctx, { client: await readJson(c.req.raw) }), 201, SECRET),
  );
  app.patch("/clients/:id", async (c) => {
    const change = await readJson(c.req.raw);
    return success(await oauth.updateClient(c.var.ctx, { id: c.req.param("id"), change }));
  });
  app.post("/clients/:id/secret", async (c) =>
    success(await oauth.renewSecret(c.var.ctx, { id: c.req.param("id") }), 200, SECRET),
  );
  app.delete("/clients/:id", async (c) => {
    await oauth.deleteClient(c.var.ctx, { id: c.req.param("id") });
    return done();
  });
  app.get("/keys", async (c) => success(await oauth.listIssuerKeys(c.var.ctx)));
  app.post("/keys/rotate", async (c) =>
    success(
      await oauth.rotateIssuerKeys(c.var.ctx, { isForced: c.req.query("force") === "true" }),
      200,
      SNAPSHOT_CHANGED,
    ),
  );
  return app;
}
