import { Hono } from "hono";
import { done, edgeHeaders, success, successText, type Pagination } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { etagOf, readPrecondition } from "../../core/preconditions.ts";
import { readJson } from "../../core/read-body.ts";
import { parseInput } from "../../core/parse-input.ts";
import * as content from "./index.ts";
import { draftAt } from "./present-entry.ts";
import { DeleteQuery, UnpublishInput, WriteQuery } from "./schemas.ts";
import { versionRoutes } from "./version-routes.ts";

export { trashRoutes } from "./version-routes.ts";

type Door = { Variables: { ctx: Context } };

/** REST of entries: `/content/…`. */
export function contentRoutes(): Hono<Door> {
  const app = new Hono<Door>();

  app.post("/publish", async (c) => {
    const body = await readJson(c.req.raw);
    const { id, version, locales, published_at: publishedAt } = content.readPublish(body);
    return success(await content.publishEntry(c.var.ctx, { id, version, locales, publishedAt }));
  });

  app.post("/unpublish", async (c) => {
    const body = await readJson(c.req.raw);
    const input = parseInput(UnpublishInput, body, "content/bad-publish", "The request is not valid.");
    const onReference = content.readOnReference(input.on_reference);
    const { entry, cancelled, remaining } = await content.unpublishEntry(c.var.ctx, {
      ...input,
      onReference,
    });
    const beside = { cancelled_schedules: cancelled, remaining_schedules: remaining };
    return success(entry, 200, {}, beside);
  });

  app.post("/bulk", async (c) =>
    success(await content.bulkEntries(c.var.ctx, { bulk: await readJson(c.req.raw) })),
  );

  app.get("/:type", async (c) => {
    const { ctx } = c.var;
    const type = c.req.param("type");
    const query = content.parseListQuery(new URL(c.req.url).searchParams);
    const page = await content.listEntries(ctx, { type, query });
    const pagination: Pagination = {
      current_page: query.cursor === undefined ? query.page : null,
      per_page: query.limit,
      total_items: page.total,
      ...(page.isTotalCapped ? { total_capped: true } : {}),
      next_cursor: page.nextCursor,
    };
    const data = `[${page.items.join(",")}]`;
    const extra = { can: page.can, facets: page.facets, highlights: page.highlights };
    const isForEdge = ctx.isForEdge === true && query.perspective === "published";
    const whole = `${data}${page.total}${page.facets ? JSON.stringify(extra) : ""}`;
    return successText(data, edgeHeaders(isForEdge, page.tags, whole), pagination, extra);
  });

  app.get("/:type/:id", async (c) => {
    const { ctx } = c.var;
    const { type, id } = c.req.param();
    return showEntry(ctx, type, id, new URL(c.req.url).searchParams);
  });

  app.post("/:type", async (c) => {
    const { entry, notes } = await content.createEntry(c.var.ctx, {
      ...readWrite(c.req.url, c.req.param("type")),
      body: await readJson(c.req.raw),
    });
    const headers = { etag: etagOf(entry.version), location: draftAt(entry) };
    return success(entry, 201, headers, content.besideOf(notes));
  });

  app.put("/:type/:id", async (c) => {
    const { type, id } = c.req.param();
    const { entry, outcome, notes } = await content.putEntry(c.var.ctx, {
      ...readWrite(c.req.url, type),
      id,
      precondition: readPrecondition(c.req.raw.headers),
      body: await readJson(c.req.raw),
    });
    const unchanged: Record<string, string> = outcome === "unchanged" ? { "x-flow-unchanged": "true" } : {};
    const headers = { etag: etagOf(entry.version), ...unchanged };
    return success(entry, outcome === "created" ? 201 : 200, headers, content.besideOf(notes));
  });

  app.patch("/:type/:id", async (c) => {
    const { type, id } = c.req.param();
    const { entry, notes } = await content.updateEntry(c.var.ctx, {
      ...readWrite(c.req.url, type),
      id,
      precondition: readPrecondition(c.req.raw.headers),
      body: await readJson(c.req.raw),
    });
    return success(entry, 200, { etag: etagOf(entry.version) }, content.besideOf(notes));
  });

  app.delete("/:type/:id", async (c) => {
    const { type, id } = c.req.param();
    const query = parseInput(DeleteQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    await content.deleteEntry(c.var.ctx, {
      type,
      id,
      precondition: readPrecondition(c.req.raw.headers),
      onReference: content.readOnReference(query.on_reference),
      isForGood: query.for_good === "true",
    });
    return done();
  });

  app.route("/", versionRoutes());

  // A slug may hold slashes: what no other route took is a slug.
  app.get("/:type/:slug{.+}", (c) =>
    showEntry(c.var.ctx, c.req.param("type"), c.req.param("slug"), new URL(c.req.url).searchParams),
  );

  return app;
}

/** REST of aggregates: `/aggregate/{type}`. */
export function aggregateRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/:type", async (c) => {
    const { ctx } = c.var;
    const type = c.req.param("type");
    const query = content.parseAggregateQuery(new URL(c.req.url).searchParams);
    const { groups, tags } = await content.aggregateEntries(ctx, { type, query });
    const data = JSON.stringify(groups);
    const isForEdge = ctx.isForEdge === true && query.perspective === "published";
    return successText(data, edgeHeaders(isForEdge, tags, data));
  });
  return app;
}

async function showEntry(
  ctx: Context,
  type: string,
  idOrSlug: string,
  params: URLSearchParams,
): Promise<Response> {
  const query = content.parseViewQuery(params);
  const { item, tags, can } = await content.getEntry(ctx, { type, idOrSlug, query });
  if (query.perspective === "draft")
    return successText(item, { etag: etagOf((JSON.parse(item) as { version: number }).version) }, undefined, {
      can,
    });
  return successText(item, edgeHeaders(ctx.isForEdge === true, tags, item));
}

function readWrite(url: string, type: string) {
  const params = Object.fromEntries(new URL(url).searchParams);
  const query = parseInput(WriteQuery, params, "content/bad-query", "The query is not valid.");
  return { type, locale: query.locale, allowIncomplete: query.allow_incomplete === "true" };
}
