import { Hono } from "hono";
import * as z from "zod";
import { done, success } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { parseInput } from "../../core/parse-input.ts";
import { readJson } from "../../core/read-body.ts";
import * as types from "./index.ts";

type Door = { Variables: { ctx: Context } };

export const PutQuery = z.strictObject({
  allow_data_loss: z.enum(["true", "false"]).optional().describe("`true` lets fields go that hold values."),
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
  app.get("/:id", async (c) => success(await types.getType(c.var.ctx, { id: c.req.param("id") })));
  app.post("/", async (c) =>
    success(await types.createType(c.var.ctx, { definition: await readJson(c.req.raw) }), 201),
  );
  app.put("/:id", async (c) => {
    const query = parseInput(PutQuery, c.req.query(), "types/bad-query", "The query is not valid.");
    const { type, outcome } = await types.putType(c.var.ctx, {
      id: c.req.param("id"),
      definition: await readJson(c.req.raw),
      version: query.version,
      allowDataLoss: query.allow_data_loss === "true",
    });
    const unchanged: Record<string, string> = outcome === "unchanged" ? { "x-flow-unchanged": "true" } : {};
    return success(type, outcome === "created" ? 201 : 200, unchanged);
  });
  app.delete("/:id", async (c) => {
    await types.deleteType(c.var.ctx, { id: c.req.param("id") });
    return done();
  });
  return app;
}
