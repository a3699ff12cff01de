import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { AppError } from "../../src/core/errors.ts";
import {
  claimDue,
  deliveriesOf,
  settleAttempt,
  type AttemptResult,
} from "../../src/domain/reach/webhooks/index.ts";
import { consumeWaiting } from "../../src/domain/tenant/events/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const WEBHOOK = "whk_01jd3f0b6vfs8t4z9c7q2m5n8x";
const EVENTS = 60;
const CONCURRENCY = 3;

const CONFIG = {
  ...{ name: "Test", url: "https://example.com", events: ["comment.*"], headers: [], retries: [1] },
  ...{ content_types: null, locales: null, condition: null, fields: null, template: null },
  ...{ concurrency: CONCURRENCY, coalesce_seconds: 0 },
};

describe.runIf(isReachable)("webhooks, with many Workers at once", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    await ctx.db.run([
      sql`insert into webhooks (tenant_id, environment_id, id, config, secrets, created_at, created_by, updated_by)
        values (${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${WEBHOOK}, ${JSON.stringify(CONFIG)}::json, '[]',
          now() - interval '1 hour', 'x', 'x')`,
      sql`insert into outbox (tenant_id, environment_id, event, payload, done_at, waiting)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, 'comment.created',
          jsonb_build_object('id', 'cmt_' || n, 'entry', 'cnt_' || n), now(), '{webhooks}'
        from generate_series(1, ${EVENTS}::int) n`,
    ]);
  });
  afterAll(() => postgres?.close());

  const count = async (of: ReturnType<typeof sql>) =>
    (await ctx.db.run([sql`select count(*)::int from ${of}`])).results[0]![0]![0] as number;

  it("make one delivery of an event, whoever consumes it", async () => {
    const { results } = await ctx.db.run([sql`select id::text from outbox where 'webhooks' = any (waiting)`]);
    const ids = results[0]!.map(([id]) => id as string);
    const effect = async (events: Parameters<typeof deliveriesOf>[2]) =>
      (await deliveriesOf(ctx, () => ctx, events, "")).statements;
    const consume = async (): Promise<void> => {
      for (;;)
        try {
          return await consumeWaiting(ctx, "webhooks", ids, effect);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== "UNAVAILABLE") throw error;
        }
    };
    await Promise.all(Array.from({ length: 8 }, consume));
    expect(await count(sql`webhook_deliveries`)).toBe(EVENTS);
    expect(await count(sql`outbox where 'webhooks' = any (waiting)`)).toBe(0);
  });

  it("make those of many large events, fewer at a time", async () => {
    const [other, many] = [await postgres.newContext(), 40];
    await other.db.run([
      sql`insert into webhooks (tenant_id, environment_id, id, config, secrets, created_at, created_by, updated_by)
        select ${other.tenantId}::uuid, ${other.environmentId}::uuid, 'whk_' || n, ${JSON.stringify(CONFIG)}::json, '[]',
          now() - interval '1 hour', 'x', 'x' from generate_series(1, ${many}::int) n`,
      sql`insert into outbox (tenant_id, environment_id, event, payload, done_at, waiting)
        select ${other.tenantId}::uuid, ${other.environmentId}::uuid, 'comment.created',
          jsonb_build_object('id', repeat('x', 60000), 'entry', 'cnt_' || n), now(), '{webhooks}'
        from generate_series(1, 6) n`,
    ]);
    const { results } = await other.db.run([
      sql`select id::text from outbox where 'webhooks' = any (waiting)`,
    ]);
    const ids = results[0]!.map(([id]) => id as string);
    const tried: number[] = [];
    await consumeWaiting(other, "webhooks", ids, async (events) => {
      tried.push(events.length);
      return (await deliveriesOf(other, () => other, events, "")).statements;
    });
    expect(tried).toEqual([6, 3, 3]);
    const made = await other.db.run([sql`select count(*)::int from webhook_deliveries`]);
    expect(made.results[0]![0]![0]).toBe(many * 6);
  });

  it("send a delivery by one at a time, and no more at once than the endpoint takes", async () => {
    const running = new Set<string>();
    let most = 0;
    let failures = 0;
    const outcome = (): AttemptResult => {
      const isFailure = failures++ % 7 === 0;
      return {
        at: new Date(),
        latencyMs: 1,
        status: 200,
        ...(isFailure ? { failure: "busy", isOurs: true } : {}),
      };
    };
    const work = async () => {
      for (let idle = 0; idle < 20;) {
        const claimed = await claimDue(ctx, WEBHOOK, 6);
        if (claimed.length === 0) idle++;
        await Promise.all(
          claimed.map(async (first) => {
            for (let one: typeof first | undefined = first; one;) {
              expect(running.has(one.id)).toBe(false);
              running.add(one.id);
              most = Math.max(most, running.size);
              await new Promise((resolve) => setTimeout(resolve, 2));
              running.delete(one.id);
              one = (await settleAttempt(ctx, one, outcome(), true)).next;
            }
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    expect(most).toBe(CONCURRENCY);
    const left = await count(sql`webhook_deliveries where state = 'pending'`);
    expect(await count(sql`webhook_deliveries where state = 'succeeded' and attempts = 1`)).toBe(
      EVENTS - left,
    );
    expect(left).toBeGreaterThan(0);
    // What FlowCMS itself failed at costs no try, and counts against no endpoint.
    expect(await count(sql`webhook_deliveries where state = 'pending' and tries = 0 and attempts = 1`)).toBe(
      left,
    );
    expect(await count(sql`webhooks where failures = 0`)).toBe(1);
  });
});
