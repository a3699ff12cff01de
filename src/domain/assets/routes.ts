import { Hono } from "hono";
import * as z from "zod";
import { edgeHeaders, success, successText } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { entryTag, environmentTag } from "../../core/events.ts";
import { parseInput } from "../../core/parse-input.ts";
import { readJson } from "../../core/read-body.ts";
import * as assets from "./index.ts";

type Door = { Variables: { ctx: Context } };

const ListQuery = z.strictObject({
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
  app.post("/", async (c) =>
    success(await assets.createAsset(c.var.ctx, { asset: await readJson(c.req.raw) }), 201),
  );
  app.put("/:id", async (c) => {
    const { asset, outcome } = await assets.putAsset(c.var.ctx, {
      id: c.req.param("id"),
      asset: await readJson(c.req.raw),
    });
    const unchanged: Record<string, string> = outcome === "unchanged" ? { "x-flow-unchanged": "true" } : {};
    return success(asset, outcome === "created" ? 201 : 200, unchanged);
  });
  return app;
}
