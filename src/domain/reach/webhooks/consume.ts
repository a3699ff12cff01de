import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { schemaOf, type EnvironmentSchema } from "../../content/types/index.ts";
import type { OutboxEvent } from "../../tenant/events/index.ts";
import { isOfEntry, readStates, statesOf } from "./entry-events.ts";
import { matches, type Endpoint } from "./matches.ts";
import { isOfTenant } from "./operations-catalogue.ts";
import { bodyOf, briefPayload, type Told } from "./payload.ts";
import type { WebhookConfig } from "./schemas.ts";

/** The most events that one call tells of. */
export const MAX_PARTS = 1000;
/** The most that is written of one transaction's payloads: a request to the database is no larger than this twice. */
const MAX_WRITE_CHARS = 8_000_000;
const tooMuch = () =>
  new AppError(
    "QUOTA_EXCEEDED",
    "webhooks/too-much-at-once",
    "The payloads do not fit into one transaction.",
  );
const WITHOUT_SIDES = { before: undefined, after: undefined, savedBy: null, savedAt: null };

/** What makes up the deliveries of some events. */
export type Deliveries = {
  /** To be run in the transaction that confirms the events. */
  statements: SQL[];
  /** The endpoints with something to send at once, and those that wait for more, with the seconds. */
  webhooks: ReadonlyMap<string, number>;
};

/** Whether the tenant of a row of `outbox` has an endpoint. */
export const wantsWebhooks: SQL = sql`exists (select 1 from webhooks hook
  where hook.tenant_id = outbox.tenant_id and hook.state <> 'disabled')`;

/**
 * What endpoints of a tenant are to be told of events: one delivery for each event and endpoint, or the
 * one that collects several. `contextOf` gives the context of an environment.
 */
export async function deliveriesOf(
  ctx: Context,
  contextOf: (environmentId: string) => Context,
  events: readonly OutboxEvent[],
  publicUrl: string,
): Promise<Deliveries> {
  const { results } = await ctx.db.run(
    [
      sql`select hook.id, hook.environment_id::text, hook.config, cms_iso(hook.created_at) from webhooks hook
        where hook.tenant_id = ${ctx.tenantId}::uuid and hook.state <> 'disabled'`,
      sql`select id::text, name from environments where tenant_id = ${ctx.tenantId}::uuid`,
      ...(events.some(isOfEntry) ? [statesOf(ctx.tenantId, events)] : []),
    ],
    { isRead: true },
  );
  const endpoints = results[0]!.map(toEndpoint);
  if (endpoints.length === 0) return { statements: [], webhooks: new Map() };
  const names = new Map(results[1]!.map(([id, name]) => [id as string, name as string]));
  const states = readStates(events, results[2] ?? []);
  const schemas = await schemasOf(contextOf, events);
  const freshAsOf = ctx.now().toISOString();
  const told = events.map((event): Told => {
    const type = schemas.get(event.environmentId)?.types.get(String(event.payload["type"]));
    return {
      event,
      environment: isOfTenant(event.event) ? null : (names.get(event.environmentId) ?? null),
      freshAsOf,
      publicUrl,
      entry: isOfEntry(event) ? { states: states.get(event.id) ?? WITHOUT_SIDES, type } : undefined,
    };
  });
  return toDeliveries(ctx, endpoints, told);
}

function toEndpoint([id, environmentId, config, createdAt]: Row): Endpoint {
  return {
    id: id as string,
    environmentId: environmentId as string,
    config: config as WebhookConfig,
    createdAt: createdAt as string,
  };
}

/** The schemas of the environments in which entries changed; of one that is gone there is none. */
async function schemasOf(
  contextOf: (environmentId: string) => Context,
  events: readonly OutboxEvent[],
): Promise<ReadonlyMap<string, EnvironmentSchema>> {
  const environments = [...new Set(events.filter(isOfEntry).map(({ environmentId }) => environmentId))];
  const loaded = await Promise.all(
    environments.map(async (id) => {
      const schema = await schemaOf(contextOf(id)).catch((error: unknown) => {
        if (error instanceof AppError && error.code === "NOT_FOUND") return undefined;
        throw error;
      });
      return schema ? ([[id, schema]] as const) : [];
    }),
  );
  return new Map(loaded.flat());
}

function toDeliveries(ctx: Context, endpoints: readonly Endpoint[], told: readonly Told[]): Deliveries {
  const single: object[] = [];
  const parts: object[] = [];
  const webhooks = new Map<string, number>();
  let chars = 0;
  const now = ctx.now().getTime();
  for (const endpoint of endpoints) {
    const { coalesce_seconds: wait } = endpoint.config;
    for (const one of told.filter((each) => matches(each, endpoint))) {
      webhooks.set(endpoint.id, wait);
      const row = {
        id: newId("dlv", now),
        webhook: endpoint.id,
        environment: endpoint.environmentId,
        event_id: one.event.id,
      };
      if (wait > 0) parts.push({ ...row, wait, part: briefPayload(one) });
      else {
        // Several events are tried again one by one, and one alone goes on in small.
        if (chars > MAX_WRITE_CHARS && told.length > 1) throw tooMuch();
        const body = bodyOf(one, endpoint.config, chars > MAX_WRITE_CHARS);
        chars += body?.length ?? 0;
        const entry = one.entry ? String(one.event.payload["id"]) : null;
        single.push({ ...row, event: one.event.event, entry, body });
      }
    }
  }
  const statements = [
    ...(single.length > 0 ? [insertSingle(ctx.tenantId, single)] : []),
    ...(parts.length > 0 ? [insertParts(ctx.tenantId, parts)] : []),
  ];
  return { statements, webhooks };
}

/** An endpoint that was deleted meanwhile gets none. */
const insertSingle = (tenantId: string, rows: object[]): SQL => sql`
  insert into webhook_deliveries (tenant_id, id, webhook_id, environment_id, event_id, event, entry_id,
    body, next_attempt_at)
  select ${tenantId}::uuid, given.id, given.webhook, given.environment, given.event_id, given.event,
    given.entry, given.body, now()
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) given(id text, webhook text, environment uuid,
    event_id bigint, event text, entry text, body text)
  join webhooks hook on hook.tenant_id = ${tenantId}::uuid and hook.id = given.webhook
  on conflict (tenant_id, webhook_id, event_id) where event_id is not null do nothing`;

const insertParts = (tenantId: string, rows: object[]): SQL => sql`
  insert into webhook_deliveries as open (tenant_id, id, webhook_id, environment_id, event, parts,
    is_collecting, next_attempt_at)
  select ${tenantId}::uuid, min(given.id), given.webhook, given.environment, 'batch',
    jsonb_agg(given.part order by given.event_id), true, now() + make_interval(secs => max(given.wait))
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) given(id text, webhook text, environment uuid,
    event_id bigint, wait int, part jsonb)
  join webhooks hook on hook.tenant_id = ${tenantId}::uuid and hook.id = given.webhook
  group by given.webhook, given.environment
  on conflict (tenant_id, webhook_id) where is_collecting do update set
    parts = open.parts || excluded.parts,
    is_collecting = jsonb_array_length(open.parts || excluded.parts) < ${MAX_PARTS}::int`;
