import { Hono } from "hono";
import * as z from "zod";
import { done, success } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { parseInput } from "../../core/parse-input.ts";
import { etagOf, readPrecondition } from "../../core/preconditions.ts";
import { readJson } from "../../core/read-body.ts";
import * as types from "./index.ts";

type Door = { Variables: { ctx: Context } };

export const PutQuery = z.strictObject({
  allow_data_loss: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` lets values go with their fields and blocks, or with the kind of their field."),
  version: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_000_000_000)
    .optional()
    .describe("The version that you read; another one is a conflict. `0`: there must be none yet."),
  environment: z.string().optional(),
});

/** REST of content types: `/types`. */
export function typeRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await types.listTypes(c.var.ctx)));
  app.get("/:id", async (c) => {
    const type = await types.getType(c.var.ctx, { id: c.req.param("id") });
    return success(type, 200, { etag: etagOf(type.version) });
  });
  app.post("/", async (c) => {
    const type = await types.createType(c.var.ctx, { definition: await readJson(c.req.raw) });
    return success(type, 201, { etag: etagOf(type.version) });
  });
  app.put("/:id", async (c) => {
    const query = parseInput(PutQuery, c.req.query(), "types/bad-query", "The query is not valid.");
    const { type, outcome } = await types.putType(c.var.ctx, {
      id: c.req.param("id"),
      definition: await readJson(c.req.raw),
      version: query.version,
      precondition: readPrecondition(c.req.raw.headers),
      allowDataLoss: query.allow_data_loss === "true",
    });
    const unchanged: Record<string, string> = outcome === "unchanged" ? { "x-flow-unchanged": "true" } : {};
    return success(type, outcome === "created" ? 201 : 200, { etag: etagOf(type.version), ...unchanged });
  });
  app.delete("/:id", async (c) => {
    const precondition = readPrecondition(c.req.raw.headers);
    await types.deleteType(c.var.ctx, { id: c.req.param("id"), precondition });
    return done();
  });
  return app;
}
