import { Hono } from "hono";
import { findTenantByHost, noteUse, readSnapshot } from "../domain/tenants/index.ts";
import { connectivity } from "../db/client.ts";
import { parseContentEnv } from "../platform/content-env.ts";
import { databaseClient } from "../platform/create-context.ts";
import type { ContentApp } from "./content-app.ts";

/** What other Workers ask CONTENT over a service binding; the gateway lets nobody else in here. */
export function internalRoutes(): Hono<ContentApp> {
  const app = new Hono<ContentApp>();

  app.get("/ready", async (c) => {
    await connectivity(databaseClient(parseContentEnv(c.env)));
    return c.json({ status: "ok" });
  });

  app.get("/tenants/by-host/:host", async (c) => {
    const tenantId = await findTenantByHost(databaseClient(parseContentEnv(c.env)), c.req.param("host"));
    return tenantId ? c.json({ tenant_id: tenantId }) : c.json({ tenant_id: null }, 404);
  });

  app.post("/tenants/:id/use", async (c) => {
    const id = c.req.param("id");
    if (!isTenantId(id)) return c.json(null, 404);
    await noteUse(databaseClient(parseContentEnv(c.env)), id, await c.req.json<Record<string, string>>());
    return c.body(null, 204);
  });

  app.get("/tenants/:id/snapshot", async (c) => {
    const id = c.req.param("id");
    if (!isTenantId(id)) return c.json(null, 404);
    const snapshot = await readSnapshot(databaseClient(parseContentEnv(c.env)), id, new Date());
    return snapshot ? c.json(snapshot) : c.json(null, 404);
  });

  return app;
}

const isTenantId = (id: string) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
