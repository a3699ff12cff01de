import { Hono } from "hono";
import * as z from "zod";
import { done, edgeHeaders, success, successText } from "../../core/answers.ts";
import type { Context, StoredFile } from "../../core/context.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { entryTag, environmentTag } from "../../core/events.ts";
import { etagOf, isKnown, readPrecondition } from "../../core/preconditions.ts";
import { parseInput } from "../../core/parse-input.ts";
import { MAX_FILE_BYTES, readJson, tooLarge } from "../../core/read-body.ts";
import { DeleteAssetQuery } from "./delete-asset.ts";
import * as assets from "./index.ts";
import type { Asset } from "./read-assets.ts";
import { requestedRange, type ByteRange } from "./requested-range.ts";
import type { AssetBody } from "./save-asset.ts";

type Door = { Variables: { ctx: Context } };

export const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});

/** REST of assets: `/assets`. */
export function assetRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => {
    const query = parseInput(ListQuery, c.req.query(), "assets/bad-query", "The query is not valid.");
    const { data, total, nextCursor } = await assets.listAssets(c.var.ctx, query);
    const pagination = {
      current_page: query.cursor ? null : 1,
      per_page: query.limit,
      total_items: total,
      next_cursor: nextCursor,
    };
    return successText(JSON.stringify(data), {}, pagination);
  });
  app.get("/:id", async (c) => {
    const asset = JSON.stringify(await assets.getAsset(c.var.ctx, { id: c.req.param("id") }));
    const { environmentId } = c.var.ctx;
    return successText(
      asset,
      edgeHeaders(
        c.var.ctx.isForEdge === true,
        [entryTag(environmentId, c.req.param("id")), environmentTag(environmentId)],
        asset,
      ),
    );
  });
  app.get("/:id/file", async (c) => {
    const { asset, file, range } = await assets.readAssetFile(c.var.ctx, {
      id: c.req.param("id"),
      rangeIn: (asset) => rangeOf(c.req.raw, asset),
    });
    return file ? showFile(c.req.raw, asset, file, range) : Response.redirect(asset.source_url!, 302);
  });
  app.post("/", async (c) => {
    const asset = await assets.createAsset(c.var.ctx, { asset: await readAssetBody(c.req.raw) });
    return success(asset, 201, { etag: etagOf(asset.version) });
  });
  app.put("/:id", async (c) => {
    const { asset, outcome } = await assets.putAsset(c.var.ctx, {
      id: c.req.param("id"),
      asset: await readAssetBody(c.req.raw),
      precondition: readPrecondition(c.req.raw.headers),
    });
    const unchanged: Record<string, string> = outcome === "unchanged" ? { "x-flow-unchanged": "true" } : {};
    return success(asset, outcome === "created" ? 201 : 200, { etag: etagOf(asset.version), ...unchanged });
  });
  app.delete("/:id", async (c) => {
    const { force } = parseInput(
      DeleteAssetQuery,
      c.req.query(),
      "assets/bad-query",
      "The query is not valid.",
    );
    await assets.deleteAsset(c.var.ctx, {
      id: c.req.param("id"),
      isForced: force === "true",
      precondition: readPrecondition(c.req.raw.headers),
    });
    return done();
  });
  return app;
}

/** What a browser may show in place; anything else it saves. */
const SHOWN = /^(?:image|video|audio|font)\/|^application\/pdf$|^text\/plain$/;

/** A JSON body, or a form with the part `file` and what is known about it as text parts. */
async function readAssetBody(request: Request): Promise<AssetBody> {
  if (!/^multipart\/form-data/i.test(request.headers.get("content-type") ?? ""))
    return { json: await readJson(request) };
  const length = request.headers.get("content-length");
  if (length === null) throw invalid("http/length-required", "An upload needs Content-Length.", [], 411);
  if (Number(length) > MAX_FILE_BYTES) throw tooLarge(MAX_FILE_BYTES);
  const form = await request.formData().catch(() => {
    throw invalid("http/malformed-form", "The body is not multipart/form-data.", [], 400);
  });
  const { file, ...facts } = Object.fromEntries(form);
  if (!(file instanceof File))
    throw invalid("assets/no-file", "The form needs a part called file that holds a file.", [
      { path: "file", message: "must be a file" },
    ]);
  return { file, facts };
}

const fileTag = (asset: Asset): string => `"${asset.sha256}"`;
const lastModifiedOf = (asset: Asset): string => new Date(asset.updated_at).toUTCString();

/** The part of the file that is asked for and there; a copy that the caller has already goes before it. */
function rangeOf(request: Request, asset: Asset): ByteRange | undefined {
  if (hasFile(request, asset)) return undefined;
  const size = asset.size_bytes ?? 0;
  const etag = fileTag(asset);
  const range = requestedRange(request, { size, etag, lastModified: lastModifiedOf(asset) });
  if (range !== "unsatisfiable") return range;
  const message = `The file has ${size} bytes: there is no such part.`;
  const headers = { "content-range": `bytes */${size}`, "accept-ranges": "bytes", etag };
  throw new AppError("INVALID", "assets/range-not-satisfiable", message, { status: 416, headers });
}

const hasFile = (request: Request, asset: Asset): boolean =>
  isKnown(request.headers.get("if-none-match"), fileTag(asset));

function showFile(request: Request, asset: Asset, file: StoredFile, range: ByteRange | undefined): Response {
  const headers = new Headers({
    "content-type": asset.mime ?? "application/octet-stream",
    "content-disposition": `${SHOWN.test(asset.mime ?? "") ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(asset.filename.toWellFormed())}`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cache-control": "private, max-age=0, must-revalidate",
    "accept-ranges": "bytes",
    "last-modified": lastModifiedOf(asset),
    etag: fileTag(asset),
  });
  if (hasFile(request, asset)) return new Response(null, { status: 304, headers });
  headers.set("content-length", String(range ? range.length : file.size));
  if (range)
    headers.set("content-range", `bytes ${range.offset}-${range.offset + range.length - 1}/${file.size}`);
  return new Response(file.body, { status: range ? 206 : 200, headers });
}
