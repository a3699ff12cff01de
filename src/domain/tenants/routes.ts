import { Hono } from "hono";
import { success } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { readJson } from "../../core/read-body.ts";
import * as tenants from "./index.ts";

type Door = { Variables: { ctx: Context } };

/** REST of environments: `/environments`. */
export function environmentRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => success(await tenants.listEnvironments(c.var.ctx)));
  app.patch("/:name", async (c) => {
    const environment = await tenants.updateEnvironment(c.var.ctx, {
      name: c.req.param("name"),
      change: await readJson(c.req.raw),
    });
    return success(environment, 200, { "x-flow-snapshot": "changed" });
  });
  return app;
}
