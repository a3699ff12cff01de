import { Hono } from "hono";
import type { ExecuteRequest, PlanRequest, Subscriber } from "../../core/live.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import type { ContentApp } from "../content-app-env.ts";
import { executeSubscriptions, planSubscription, type Desk } from "./answer-subscriptions.ts";
import { seenAgain, signIn, type Asked } from "./subscriber.ts";

/**
 * What REALTIME asks CONTENT: below `/realtime`, where no request of a client comes to. By `fetch` and
 * not by an entrypoint, which would not run beside the database.
 */
export function realtimeRoutes(): Hono<ContentApp> {
  const app = new Hono<ContentApp>();
  const route = <Given>(path: string, answer: (desk: Desk, given: Given) => Promise<unknown>) =>
    app.post(path, async (c) => {
      const behind = { waitUntil: c.executionCtx.waitUntil.bind(c.executionCtx) };
      return c.json((await answer({ env: parseContentEnv(c.env), behind }, await c.req.json())) as never);
    });
  route("/sign-in", ({ env, behind }, asked: Asked) => signIn(env, asked, behind));
  route("/again", ({ env, behind }, subscribers: Subscriber[]) => seenAgain(env, subscribers, behind));
  route("/plan", (desk, asked: PlanRequest) => planSubscription(desk, asked));
  route("/execute", (desk, asked: ExecuteRequest) => executeSubscriptions(desk, asked));
  return app;
}
