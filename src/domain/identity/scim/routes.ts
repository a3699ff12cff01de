import { Hono, type Context as HonoContext } from "hono";
import { invalid, notFound } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { isKnown } from "../../../core/preconditions.ts";
import { readJson } from "../../../core/read-body.ts";
import { SCIM_MEDIA_TYPE } from "../../../core/scim-error.ts";
import * as scim from "./index.ts";

type ScimEnv = { Variables: { ctx: IdentityContext } };
type C = HonoContext<ScimEnv>;
type Page = { total: number; startIndex: number; resources: object[] };
type Resource = { meta: { version: string; location: string } };
type Conditions = { ifMatch: string | undefined };

/** The verbs of one kind of resource. */
type Verbs = {
  schema: scim.ResourceSchema;
  list(ctx: IdentityContext, query: Record<string, string>): Promise<Page>;
  get(ctx: IdentityContext, id: string): Promise<Resource>;
  create(ctx: IdentityContext, body: unknown): Promise<Resource>;
  replace(ctx: IdentityContext, id: string, body: unknown, conditions: Conditions): Promise<Resource>;
  patch(ctx: IdentityContext, id: string, body: unknown, conditions: Conditions): Promise<Resource>;
  remove(ctx: IdentityContext, id: string, conditions: Conditions): Promise<void>;
};
const users: Verbs = {
  schema: scim.USERS,
  list: (ctx, query) => scim.listUsers(ctx, { query }),
  get: (ctx, id) => scim.getUser(ctx, { id }),
  create: (ctx, user) => scim.createUser(ctx, { user }),
  replace: (ctx, id, user, conditions) => scim.replaceUser(ctx, { id, user, ...conditions }),
  patch: (ctx, id, patch, conditions) => scim.patchUser(ctx, { id, patch, ...conditions }),
  remove: (ctx, id, conditions) => scim.deleteUser(ctx, { id, ...conditions }),
};
const groups: Verbs = {
  schema: scim.GROUPS,
  list: (ctx, query) => scim.listGroups(ctx, { query }),
  get: (ctx, id) => scim.getGroup(ctx, { id }),
  create: (ctx, group) => scim.createGroup(ctx, { group }),
  replace: (ctx, id, group, conditions) => scim.replaceGroup(ctx, { id, group, ...conditions }),
  patch: (ctx, id, patch, conditions) => scim.patchGroup(ctx, { id, patch, ...conditions }),
  remove: (ctx, id, conditions) => scim.deleteGroup(ctx, { id, ...conditions }),
};

/** SCIM 2.0 (RFC 7643, 7644): `/scim/v2`. */
export function scimRoutes(): Hono<ScimEnv> {
  const app = new Hono<ScimEnv>();
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
  app.route("/Users", resourceRoutes(users));
  app.route("/Groups", resourceRoutes(groups));
  for (const path of ["/Bulk", "/Me", "/.search"])
    app.all(path, () => {
      throw invalid("scim/not-supported", `${path} is not supported: see /ServiceProviderConfig.`, [], 501);
    });
  return app;
}

function resourceRoutes(verbs: Verbs): Hono<ScimEnv> {
  const app = new Hono<ScimEnv>();
  app.get("/", async (c) => answer(listed(await verbs.list(c.var.ctx, queryOf(c)))));
  app.post("/.search", async (c) =>
    answer(listed(await verbs.list(c.var.ctx, scim.readSearch(await readBody(c))))),
  );
  app.post("/", async (c) => shown(c, verbs, await verbs.create(c.var.ctx, await readBody(c)), 201));
  app.get("/:id", async (c) => {
    const resource = await verbs.get(c.var.ctx, c.req.param("id"));
    if (isKnown(c.req.header("if-none-match"), resource.meta.version))
      return new Response(null, { status: 304, headers: { etag: resource.meta.version } });
    return shown(c, verbs, resource);
  });
  app.put("/:id", async (c) =>
    shown(c, verbs, await verbs.replace(c.var.ctx, c.req.param("id"), await readBody(c), conditionsOf(c))),
  );
  app.patch("/:id", async (c) =>
    shown(c, verbs, await verbs.patch(c.var.ctx, c.req.param("id"), await readBody(c), conditionsOf(c))),
  );
  app.delete("/:id", async (c) => {
    await verbs.remove(c.var.ctx, c.req.param("id"), conditionsOf(c));
    return new Response(null, { status: 204 });
  });
  return app;
}

const readBody = (c: C): Promise<unknown> => readJson(c.req.raw);

/** The query without repeated parameters: otherwise one of two filters would be ignored. */
function queryOf(c: C): Record<string, string> {
  const query = c.req.queries();
  const twice = Object.keys(query).find((name) => query[name]!.length > 1);
  if (twice !== undefined) throw scim.badValue(`${twice.slice(0, 100)}: is given more than once.`);
  return c.req.query();
}

const conditionsOf = (c: C): Conditions => ({ ifMatch: c.req.header("if-match") });

function shown(c: C, { schema }: Verbs, resource: Resource, status = 200): Response {
  const { attributes, excludedAttributes } = queryOf(c);
  return answer(scim.project(schema, resource, { attributes, excludedAttributes }), status, resource.meta);
}

const listed = ({ total, startIndex, resources }: Page) => ({
  schemas: [scim.LIST],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

function answer(body: object, status = 200, meta?: Resource["meta"]): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": SCIM_MEDIA_TYPE,
      "cache-control": "no-store",
      ...(meta ? { etag: meta.version } : {}),
      ...(status === 201 && meta ? { location: meta.location } : {}),
    },
  });
}
