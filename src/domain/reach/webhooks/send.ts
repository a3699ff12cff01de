import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { PAYLOAD_SCHEMA } from "./payload.ts";
import { retryDelay } from "./retry.ts";
import type { WebhookConfig } from "./schemas.ts";
import { fillTemplate } from "./template.ts";

/** Longer than the slowest attempt, its result included: afterwards the Worker that sends is taken for dead. */
const LEASE_SECONDS = 45;
/** From so many failures in a row on, nothing is sent for a while, and then one call at a time. */
export const OPENS_AFTER = 5;
/** Until the next attempt after one that FlowCMS itself could not make. */
const OWN_RETRY_SECONDS = 30;
const OPEN_SECONDS = 15;
const MAX_OPEN_SECONDS = 600;
/** An endpoint that only failed for so long is disabled. */
export const DISABLES_AFTER_DAYS = 5;
/** The most that a template makes of several events, of which payloads have no values. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const LONGEST_RESPONSE_CHARS = 16 * 1024;

/** A delivery that this Worker alone sends now. */
export type Claimed = {
  id: string;
  webhookId: string;
  /** The number of this attempt, and which it is since the delivery was last made due. */
  attempt: number;
  tries: number;
  event: string;
  /** Null when the template made more than can be sent. */
  body: string | null;
  config: WebhookConfig;
  /** Sealed, those that still sign. */
  secrets: string[];
  createdBy: string;
};

/** How an attempt went. Without a status there was no response. */
export type AttemptResult = {
  at: Date;
  latencyMs: number;
  status?: number;
  failure?: string;
  responseBody?: string;
  retryAfter?: number | undefined;
  /** Whether the failure was FlowCMS' own, such as of DNS: it counts against nobody. */
  isOurs?: boolean;
  /** Whether no call was made, and none ever can be. */
  isHopeless?: boolean;
};

/** What became of a delivery: what is to be done next, if anything. */
export type Settled = {
  next: Claimed | undefined;
  /** Seconds until the next attempt of the delivery. */
  againIn: number | undefined;
  disable: "gone" | "failing" | undefined;
};

/** Statements whose last claims deliveries of an endpoint that are due: the rows of `toClaimed`. */
function claimStatements(tenantId: string, webhookId: string, most: number): SQL[] {
  const isOfHook = sql`delivery.tenant_id = ${tenantId}::uuid and delivery.webhook_id = ${webhookId}`;
  return [
    // One after the other, so that no more are sent at once than the endpoint wants.
    sql`select 1 from webhooks where tenant_id = ${tenantId}::uuid and id = ${webhookId} for update`,
    sql`with hook as (select * from webhooks where tenant_id = ${tenantId}::uuid and id = ${webhookId}
        and state = 'active' and (open_until is null or open_until <= now())),
      room as (select least(${most}::int, case when hook.failures >= ${OPENS_AFTER}::int then 1
          else (hook.config ->> 'concurrency')::int end - (select count(*) from webhook_deliveries delivery
            where ${isOfHook} and delivery.state = 'pending' and delivery.leased_until > now())) as size from hook),
      due as (select delivery.id from webhook_deliveries delivery where ${isOfHook}
        and delivery.state = 'pending' and delivery.next_attempt_at <= now()
        and (delivery.leased_until is null or delivery.leased_until <= now())
        order by delivery.next_attempt_at, delivery.event_id, delivery.id limit greatest(0, (select size from room))),
      claimed as (update webhook_deliveries delivery set attempts = delivery.attempts + 1,
        tries = delivery.tries + 1, is_collecting = false,
        leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
        from due where ${isOfHook} and delivery.id = due.id returning delivery.*)
      select claimed.id, claimed.attempts, claimed.tries, claimed.event, claimed.body, claimed.parts, hook.config,
        (select jsonb_agg(secret -> 'sealed') from jsonb_array_elements(hook.secrets) secret
          where secret ->> 'expires_at' is null or (secret ->> 'expires_at')::timestamptz > now()),
        hook.created_by, cms_iso(claimed.created_at)
      from claimed, hook order by claimed.id`,
  ];
}

/** Claims what is due at an endpoint, as much as it takes at once and `most` at most. */
export async function claimDue(ctx: Context, webhookId: string, most: number): Promise<Claimed[]> {
  const { results } = await ctx.db.run(claimStatements(ctx.tenantId, webhookId, most));
  return results.at(-1)!.map((row) => toClaimed(webhookId, row));
}

function toClaimed(webhookId: string, row: Row): Claimed {
  const [id, attempt, tries, event, body, parts, config, secrets, createdBy, createdAt] = row;
  return {
    id: id as string,
    webhookId,
    attempt: attempt as number,
    tries: tries as number,
    event: event as string,
    body:
      parts === null || body !== null
        ? (body as string | null)
        : batchBody(id as string, createdAt as string, parts, config as WebhookConfig),
    config: config as WebhookConfig,
    secrets: secrets as string[],
    createdBy: createdBy as string,
  };
}

/** The body of one call for several events. */
function batchBody(
  id: string,
  timestamp: string,
  events: unknown,
  { template }: WebhookConfig,
): string | null {
  const payload = { id, type: "batch", schema: PAYLOAD_SCHEMA, timestamp, events };
  return template === null ? JSON.stringify(payload) : fillTemplate(template, payload, MAX_BATCH_BYTES);
}

/**
 * Writes down how an attempt went and when the next is, and claims one more delivery of the endpoint
 * where `wantsMore`, in one round trip.
 */
export async function settleAttempt(
  ctx: Context,
  claimed: Claimed,
  result: AttemptResult,
  wantsMore: boolean,
): Promise<Settled> {
  const isDone = result.failure === undefined;
  const isGone = result.status === 410;
  const isLast = isDone || isGone || result.isHopeless === true;
  const planned = () =>
    result.isOurs ? OWN_RETRY_SECONDS : retryDelay(claimed.config.retries, claimed.tries, result.retryAfter);
  const delay = isLast ? undefined : planned();
  const { results } = await ctx.db.run([
    settleStatement(ctx, claimed, result, { isDone, delay }),
    ...(wantsMore ? claimStatements(ctx.tenantId, claimed.webhookId, 1) : []),
  ]);
  const [isFailing, openFor] = results[0]![0] ?? [false, null];
  const next = wantsMore ? results.at(-1)![0] : undefined;
  return {
    next: next && toClaimed(claimed.webhookId, next),
    againIn: delay === undefined ? undefined : Math.max(delay, (openFor as number | null) ?? 0),
    disable: isGone ? "gone" : !isDone && isFailing === true ? "failing" : undefined,
  };
}

/** A late result of an attempt that another Worker took over says nothing but that it succeeded. */
function settleStatement(
  ctx: Context,
  { id, webhookId, attempt, body }: Claimed,
  { at, latencyMs, status, failure, responseBody, isOurs = false, isHopeless = false }: AttemptResult,
  { isDone, delay }: { isDone: boolean; delay: number | undefined },
): SQL {
  const state = isDone ? "succeeded" : delay === undefined ? "dead" : "pending";
  const response = responseBody?.slice(0, LONGEST_RESPONSE_CHARS).replaceAll("\0", "\ufffd").toWellFormed();
  return sql`with settled as (update webhook_deliveries delivery set state = ${state}, leased_until = null,
      body = coalesce(delivery.body, ${body}::text), tries = delivery.tries - ${isOurs ? 1 : 0}::int,
      next_attempt_at = case when ${state} = 'pending'
        then now() + make_interval(secs => ${delay ?? 0}::double precision) end,
      finished_at = case when ${state} <> 'pending' then now() end
      where delivery.tenant_id = ${ctx.tenantId}::uuid and delivery.id = ${id} and delivery.state = 'pending'
      and (delivery.attempts = ${attempt}::int or ${isDone}::boolean) returning 1),
    tried as (insert into webhook_attempts (tenant_id, delivery_id, number, at, latency_ms, status, failure,
        response_body)
      select ${ctx.tenantId}::uuid, delivery.id, ${attempt}::int, ${at.toISOString()}::timestamptz, ${latencyMs}::int, ${status ?? null}::int,
        ${failure ?? null}::text, ${response ?? null}::text
      from webhook_deliveries delivery where delivery.tenant_id = ${ctx.tenantId}::uuid and delivery.id = ${id}
      on conflict do nothing),
    health as (update webhooks hook set
      failures = ${isDone ? sql`0` : sql`hook.failures + 1`},
      failing_since = ${isDone ? sql`null` : sql`coalesce(hook.failing_since, now())`},
      succeeded_at = ${isDone ? sql`now()` : sql`hook.succeeded_at`},
      open_until = ${isDone ? sql`null` : OPEN_UNTIL}
      where hook.tenant_id = ${ctx.tenantId}::uuid and hook.id = ${webhookId}
      ${isOurs || isHopeless ? sql`and false` : sql``} returning *)
    select failing_since < now() - make_interval(days => ${DISABLES_AFTER_DAYS}::int),
      extract(epoch from open_until - now())::double precision from health`;
}

const OPEN_UNTIL = sql`case when hook.failures + 1 >= ${OPENS_AFTER}::int then now() + make_interval(secs =>
  least(${MAX_OPEN_SECONDS}::int, ${OPEN_SECONDS}::int * (2 ^ least(hook.failures + 1 - ${OPENS_AFTER}::int, 10)))) end`;
