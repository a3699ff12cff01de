import { Hono } from "hono";
import { notFound } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { readJson } from "../../core/read-body.ts";
import { SCIM_MEDIA_TYPE } from "../../core/scim-error.ts";
import * as scim from "./index.ts";

type Door = { Variables: { ctx: IdentityContext } };
type Page = { total: number; startIndex: number; resources: object[] };

/** SCIM 2.0 (RFC 7643, 7644): `/scim/v2`. */
export function scimRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/ServiceProviderConfig", (c) => answer(scim.serviceProviderConfig(c.var.ctx)));
  for (const [path, read] of [
    ["ResourceTypes", scim.resourceTypes],
    ["Schemas", scim.schemas],
  ] as const) {
    app.get(`/${path}`, (c) => {
      const resources = read(c.var.ctx);
      return answer(listed({ total: resources.length, startIndex: 1, resources }));
    });
    app.get(`/${path}/:id`, (c) => {
      const found = (read(c.var.ctx) as { id: string }[]).find(({ id }) => id === c.req.param("id"));
      if (!found) throw notFound("scim/no-such-resource", "There is no such resource.");
      return answer(found);
    });
  }
  app.get("/Users", async (c) => answer(listed(await scim.listUsers(c.var.ctx, { query: c.req.query() }))));
  app.post("/Users", async (c) =>
    answer(await scim.createUser(c.var.ctx, { user: await readJson(c.req.raw) }), 201),
  );
  app.get("/Users/:id", async (c) => answer(await scim.getUser(c.var.ctx, { id: c.req.param("id") })));
  app.put("/Users/:id", async (c) =>
    answer(await scim.replaceUser(c.var.ctx, { id: c.req.param("id"), user: await readJson(c.req.raw) })),
  );
  app.patch("/Users/:id", async (c) =>
    answer(await scim.patchUser(c.var.ctx, { id: c.req.param("id"), patch: await readJson(c.req.raw) })),
  );
  app.delete("/Users/:id", async (c) => {
    await scim.deleteUser(c.var.ctx, { id: c.req.param("id") });
    return new Response(null, { status: 204 });
  });
  app.get("/Groups", async (c) => answer(listed(await scim.listGroups(c.var.ctx, { query: c.req.query() }))));
  app.post("/Groups", async (c) =>
    answer(await scim.createGroup(c.var.ctx, { group: await readJson(c.req.raw) }), 201),
  );
  app.get("/Groups/:id", async (c) => answer(await scim.getGroup(c.var.ctx, { id: c.req.param("id") })));
  app.put("/Groups/:id", async (c) =>
    answer(await scim.replaceGroup(c.var.ctx, { id: c.req.param("id"), group: await readJson(c.req.raw) })),
  );
  app.patch("/Groups/:id", async (c) =>
    answer(await scim.patchGroup(c.var.ctx, { id: c.req.param("id"), patch: await readJson(c.req.raw) })),
  );
  app.delete("/Groups/:id", async (c) => {
    await scim.deleteGroup(c.var.ctx, { id: c.req.param("id") });
    return new Response(null, { status: 204 });
  });
  return app;
}

const listed = ({ total, startIndex, resources }: Page) => ({
  schemas: [scim.LIST],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

function answer(body: object, status = 200): Response {
  const location = (body as { meta?: { location?: string } }).meta?.location;
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": SCIM_MEDIA_TYPE,
      "cache-control": "no-store",
      ...(status === 201 && location !== undefined ? { location } : {}),
    },
  });
}
