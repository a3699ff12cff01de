import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import { AppError, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { eventId, PAYLOAD_SCHEMA } from "./payload.ts";
import { noSuchWebhook } from "./read-webhooks.ts";
import type {
  DeadLetterQuery,
  Delivery,
  DeliveryDetails,
  DeliveryQuery,
  Replay,
  Replayed,
} from "./schemas.ts";

const MAX_ATTEMPTS_SHOWN = 100;
const REPLAYED_AT_ONCE = 1000;
const COLUMNS = sql`delivery.id, delivery.webhook_id, delivery.event, delivery.event_id::text, delivery.entry_id,
  delivery.state, delivery.attempts, cms_iso(delivery.next_attempt_at), cms_iso(delivery.created_at),
  cms_iso(delivery.finished_at)`;

/** Deliveries of an endpoint, the newest first. */
export async function listDeliveries(ctx: Context, input: DeliveryQuery & { id: string }) {
  const { state } = input;
  const page = await readPage(
    ctx,
    input,
    sql`delivery.webhook_id = ${input.id}
    and ${state === undefined ? sql`true` : sql`delivery.state = ${state}`}`,
    input.id,
  );
  return page;
}

/** Deliveries of the environment of which every attempt failed, the newest first. */
export const listDeadLetters = (ctx: Context, input: DeadLetterQuery) =>
  readPage(
    ctx,
    input,
    sql`delivery.state = 'dead' and ${input.webhook === undefined ? sql`true` : sql`delivery.webhook_id = ${input.webhook}`}`,
  );

async function readPage(
  ctx: Context,
  input: Omit<DeadLetterQuery, "webhook">,
  which: SQL,
  webhook?: string,
): Promise<{ data: Delivery[]; nextCursor: string | null }> {
  const before = input.cursor === undefined ? null : String(decodeCursor(input.cursor, "deliveries", 1)[0]);
  const [{ rows }, known] = await Promise.all([
    ctx.db.read(
      sql`select ${COLUMNS} from webhook_deliveries delivery where ${inEnvironment(ctx, "delivery")}
      and ${which} and ${filtered(input)} and (${before}::text is null or delivery.id < ${before}::text)
      order by delivery.id desc limit ${input.limit + 1}::int`,
      { kind: "editing" },
    ),
    webhook === undefined
      ? undefined
      : ctx.db.read(
          sql`select 1 from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${webhook}`,
          {
            kind: "editing",
          },
        ),
  ]);
  if (known?.rows.length === 0) throw noSuchWebhook(webhook!);
  const data = rows.slice(0, input.limit).map(present);
  const last = rows.length > input.limit ? data.at(-1) : undefined;
  return { data, nextCursor: last ? encodeCursor("deliveries", [last.id]) : null };
}

function filtered({ event, entry, from, to }: Pick<Replay, "event" | "entry" | "from" | "to">): SQL {
  const parts = [
    ...(event === undefined ? [] : [sql`delivery.event = ${event}`]),
    ...(entry === undefined ? [] : [sql`delivery.entry_id = ${entry}`]),
    ...(from === undefined ? [] : [sql`delivery.created_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`delivery.created_at < ${to}::timestamptz`]),
  ];
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `);
}

/** One delivery with what is sent and how each attempt went. */
export async function getDelivery(
  ctx: Context,
  input: { id: string; delivery: string },
): Promise<DeliveryDetails> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS}, delivery.body, (select coalesce(jsonb_agg(jsonb_build_object('number', attempt.number,
        'at', cms_iso(attempt.at), 'latency_ms', attempt.latency_ms, 'status', attempt.status,
        'failure', attempt.failure, 'response_body', attempt.response_body) order by attempt.number desc), '[]')
        from (select * from webhook_attempts tried where tried.tenant_id = ${ctx.tenantId}::uuid
          and tried.delivery_id = delivery.id order by tried.number desc limit ${MAX_ATTEMPTS_SHOWN}::int) attempt)
      from webhook_deliveries delivery where ${inEnvironment(ctx, "delivery")}
        and delivery.webhook_id = ${input.id} and delivery.id = ${input.delivery}`,
    { kind: "editing" },
  );
  const row = rows[0];
  if (!row) throw noSuchDelivery(input.delivery);
  return {
    ...present(row),
    body: row[10] as string | null,
    attempt_list: row[11] as DeliveryDetails["attempt_list"],
  };
}

const noSuchDelivery = (id: string) =>
  notFound("webhooks/no-such-delivery", `There is no delivery "${id.slice(0, 64)}" of the webhook.`);

/**
 * Sends deliveries of an endpoint again, the same bytes under the same id, the oldest first: 1,000 at
 * once.
 */
export async function replayDeliveries(ctx: Context, input: Replay & { id: string }): Promise<Replayed> {
  const { id, delivery, state } = input;
  const isWanted =
    delivery !== undefined
      ? sql`delivery.id = ${delivery}`
      : state === "all"
        ? sql`delivery.state in ('dead', 'succeeded')`
        : sql`delivery.state = ${state}`;
  const { results } = await ctx.db.run([
    sql`select state from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${id}`,
    sql`with wanted as (select delivery.id from webhook_deliveries delivery where ${inEnvironment(ctx, "delivery")}
        and delivery.webhook_id = ${id} and ${isWanted} and ${filtered(input)}
        and exists (select 1 from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${id}
          and hook.state <> 'disabled')
        order by delivery.id limit ${REPLAYED_AT_ONCE + 1}::int),
      made_due as (update webhook_deliveries delivery set state = 'pending', tries = 0, next_attempt_at = now(),
        finished_at = null, is_collecting = false
        from (select id from wanted order by id limit ${REPLAYED_AT_ONCE}::int) due
        where delivery.tenant_id = ${ctx.tenantId}::uuid and delivery.id = due.id
        and (delivery.state <> 'pending' or delivery.leased_until is null or delivery.leased_until <= now())
        returning 1)
      select (select count(*)::int from made_due), (select count(*)::int from wanted)`,
  ]);
  const hook = results[0]![0];
  if (!hook) throw noSuchWebhook(id);
  if (hook[0] === "disabled") throw isDisabled();
  const [replayed, wanted] = results[1]![0] as [number, number];
  if (delivery !== undefined && wanted === 0) throw noSuchDelivery(delivery);
  if (replayed > 0) ctx.webhooks.send([id]);
  return { replayed, has_more: wanted > REPLAYED_AT_ONCE };
}

const isDisabled = () =>
  new AppError("CONFLICT", "webhooks/disabled", "The webhook is disabled: make it active first.");

/** Sends an endpoint a call that is about nothing, to see what it answers. */
export async function testWebhook(ctx: Context, input: { id: string }): Promise<Delivery> {
  const now = ctx.now();
  const id = newId("dlv", now.getTime());
  const body = JSON.stringify({
    id: `evt_test_${id.slice(4)}`,
    type: "webhook.test",
    schema: PAYLOAD_SCHEMA,
    timestamp: now.toISOString(),
    sequence: 0,
    fresh_as_of: now.toISOString(),
    environment: null,
    data: { id: input.id },
    links: {},
  });
  const { results } = await ctx.db.run([
    sql`select state from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${input.id}`,
    sql`with delivery as (insert into webhook_deliveries (tenant_id, id, webhook_id, environment_id, event, body,
        next_attempt_at)
      select ${ctx.tenantId}::uuid, ${id}, hook.id, hook.environment_id, 'webhook.test', ${body}, now()
      from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${input.id}
        and hook.state <> 'disabled' returning *)
      select ${COLUMNS} from delivery`,
  ]);
  if (!results[0]![0]) throw noSuchWebhook(input.id);
  const row = results[1]![0];
  if (!row) throw isDisabled();
  ctx.webhooks.send([input.id]);
  return present(row);
}

function present(row: Row): Delivery {
  return {
    id: row[0] as string,
    webhook: row[1] as string,
    event: row[2] as string,
    event_id: row[3] === null ? null : eventId(row[3] as string),
    entry: row[4] as string | null,
    state: row[5] as Delivery["state"],
    attempts: row[6] as number,
    next_attempt_at: row[7] as string | null,
    created_at: row[8] as string,
    finished_at: row[9] as string | null,
  };
}
