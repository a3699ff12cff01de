import { Hono } from "hono";
import { done, success } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { readJson } from "../../core/read-body.ts";
import * as operations from "./index.ts";

type Door = { Variables: { ctx: Context } };

/** REST of registered GraphQL operations: `/operations`. */
export function operationRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await operations.listOperations(c.var.ctx)));
  app.put("/:name", async (c) => {
    const operation = await readJson(c.req.raw);
    return success(await operations.putOperation(c.var.ctx, { name: c.req.param("name"), operation }));
  });
  app.delete("/:name", async (c) => {
    await operations.deleteOperation(c.var.ctx, { name: c.req.param("name") });
    return done();
  });
  return app;
}
