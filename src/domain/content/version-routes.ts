import { Hono } from "hono";
import { done, success, successPage } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { notFound } from "../../core/errors.ts";
import { parseInput } from "../../core/parse-input.ts";
import { etagOf, readPrecondition } from "../../core/preconditions.ts";
import { readJson } from "../../core/read-body.ts";
import * as content from "./index.ts";
import { draftAt } from "./present-entry.ts";
import {
  DiffQuery,
  EraseQuery,
  LimitQuery,
  PageQuery,
  RestoreInput,
  VersionName,
  VersionQuery,
  VersionsQuery,
} from "./schemas.ts";

type Door = { Variables: { ctx: Context } };

/** REST of an entry's versions, copies and references: below `/content/{type}/{id}`. */
export function versionRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  const AT = "/:type/:id{cnt_[0-9a-z]+}";

  app.get(`${AT}/versions`, async (c) => {
    const { type, id } = c.req.param();
    const query = parseInput(VersionsQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    return success(await content.listVersions(c.var.ctx, { type, id, ...query, richText: query.rich_text }));
  });
  app.get(`${AT}/versions/:version`, async (c) => {
    const { type, id, version } = c.req.param();
    const query = parseInput(VersionQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    const input = { type, id, version: readNumber(version), richText: query.rich_text };
    return success(await content.readVersion(c.var.ctx, input));
  });
  app.put(`${AT}/versions/:version`, async (c) => {
    const { type, id, version } = c.req.param();
    const { name } = parseInput(
      VersionName,
      await readJson(c.req.raw),
      "content/bad-name",
      "The name is not valid.",
    );
    return success(await content.nameVersion(c.var.ctx, { type, id, version: readNumber(version), name }));
  });
  app.get(`${AT}/diff`, async (c) => {
    const { type, id } = c.req.param();
    const query = parseInput(DiffQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    const { from, to, rich_text: richText } = query;
    return success(await content.diffVersions(c.var.ctx, { type, id, from, to, richText }));
  });
  app.post(`${AT}/restore`, async (c) => {
    const { type, id } = c.req.param();
    const { version } = parseInput(
      RestoreInput,
      await readJson(c.req.raw),
      "content/bad-restore",
      "The request is not valid.",
    );
    const precondition = readPrecondition(c.req.raw.headers);
    const done = await content.restoreVersion(c.var.ctx, { type, id, version, precondition });
    return restored(done, 200);
  });
  app.post(`${AT}/duplicate`, async (c) => {
    const { type, id } = c.req.param();
    const hasBody = Number(c.req.header("content-length") ?? 0) > 0;
    const copy = content.readDuplicate(hasBody ? await readJson(c.req.raw) : {});
    const done = await content.duplicateEntry(c.var.ctx, { type, id, ...copy });
    return restored(done, 201, { location: draftAt(done.entry) });
  });
  app.get(`${AT}/references`, async (c) => {
    const { type, id } = c.req.param();
    const { limit } = parseInput(LimitQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    return success(await content.listReferences(c.var.ctx, { type, id, limit }));
  });
  return app;
}

/** REST of the trash: `/trash`. */
export function trashRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => {
    const query = parseInput(PageQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    const { data, nextCursor } = await content.listTrash(c.var.ctx, {
      ...query,
      richText: query.rich_text,
    });
    return successPage(data, query.limit, nextCursor);
  });
  app.post("/:id/restore", async (c) => {
    return restored(await content.restoreFromTrash(c.var.ctx, { id: c.req.param("id") }), 200);
  });
  app.delete("/:id", async (c) => {
    const query = parseInput(EraseQuery, c.req.query(), "content/bad-query", "The query is not valid.");
    const isKept = content.readKept(query.on_reference);
    await content.eraseEntry(c.var.ctx, { id: c.req.param("id"), isKept });
    return done();
  });
  return app;
}

function restored(
  { entry, leftOut, notes }: content.Restored,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return success(
    entry,
    status,
    { etag: etagOf(entry.version), ...headers },
    { left_out: leftOut, ...content.besideOf(notes) },
  );
}

function readNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw notFound("content/no-such-version", `There is no version "${text.slice(0, 20)}".`);
}
