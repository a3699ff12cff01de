import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, overQuota, type ErrorDetail } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { schemaOf } from "../../content/types/index.ts";
import { record } from "../../tenant/events/index.ts";
import { notify } from "../../tenant/notifications/index.ts";
import { lockQuota } from "../../tenant/tenants/index.ts";
import { checkConfig, invalidWebhook } from "./check-config.ts";
import {
  configOf,
  noSuchWebhook,
  presentWebhook,
  readWebhook,
  secretsOf,
  versionOf,
  WEBHOOK_COLUMNS,
} from "./read-webhooks.ts";
import {
  MAX_WEBHOOKS,
  type IssuedWebhook,
  type NewSecret,
  type NewWebhook,
  type Webhook,
  type WebhookChange,
  type WebhookConfig,
} from "./schemas.ts";
import { newSigningSecret } from "./sign.ts";

const HOUR_MS = 3_600_000;

/** Makes an endpoint. The answer is the only place where its secret is ever shown. */
export async function createWebhook(ctx: Context, { state, ...wanted }: NewWebhook): Promise<IssuedWebhook> {
  checkConfig(await schemaOf(ctx), wanted);
  const secret = newSigningSecret();
  const { config, sealed } = await prepared(ctx, wanted, wanted.url, { headers: [], isMoved: false }, [
    secret,
  ]);
  const id = newId("whk", ctx.now().getTime());
  const { results } = await ctx.db.run([
    lockQuota(ctx, "webhooks"),
    sql`with saved as (insert into webhooks (tenant_id, environment_id, id, config, secrets, state, created_by,
        updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id}, ${JSON.stringify(config)}::json,
          ${JSON.stringify([storedSecret(ctx, sealed[0]!)])}::jsonb, ${state}, ${ctx.actor.id}, ${ctx.actor.id}
        where (select count(*) from webhooks where tenant_id = ${ctx.tenantId}::uuid) < ${MAX_WEBHOOKS}::int
        returning *),
      ${recorded(ctx, "webhook.created")}
      select (select id::text from event_row), ${WEBHOOK_COLUMNS} from saved hook`,
  ]);
  const row = results[1]![0];
  if (!row) throw overQuota("webhooks/too-many", `A tenant can have at most ${MAX_WEBHOOKS} webhooks.`);
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return { ...presentWebhook(ctx, row.slice(1)), secret };
}

/**
 * Changes what is given of an endpoint. One that is active again starts afresh: its failures are
 * forgotten, and what waits is sent.
 */
export async function updateWebhook(ctx: Context, input: WebhookChange & { id: string }): Promise<Webhook> {
  const { id, state, version, ...change } = input;
  const row = await readWebhook(ctx, id);
  if (version !== undefined && version !== versionOf(row)) throw versionConflict(versionOf(row), version);
  const before = configOf(row);
  const { headers: _, ...kept } = before;
  const wanted = { ...kept, ...change };
  const isMoved = leadsElsewhere(before.url, wanted.url);
  if (Object.keys(change).length > 0) checkConfig(await schemaOf(ctx), wanted);
  const { config } = await prepared(
    ctx,
    { ...wanted, headers: change.headers ?? (isMoved ? before.headers.map(asGiven) : undefined) },
    change.url ?? null,
    { headers: before.headers, isMoved },
    [],
  );
  const saved = await save(ctx, id, versionOf(row), [
    sql`config = ${JSON.stringify(config)}::json`,
    ...(state === undefined ? [] : stateChange(state)),
  ]);
  if (state === "active") ctx.webhooks.send([id]);
  return saved;
}

/** Whether a URL has another origin. One that is none is refused anyway. */
function leadsElsewhere(before: string, url: string): boolean {
  const origin = URL.parse(url)?.origin;
  return origin !== undefined && origin !== URL.parse(before)?.origin;
}

const asGiven = ({ name, value, sealed }: Headers[number]) => ({
  name,
  value,
  is_secret: sealed !== undefined,
});

const stateChange = (state: Webhook["state"]): SQL[] => [
  sql`state = ${state}`,
  sql`disabled_reason = ${state === "disabled" ? "owner" : null}`,
  ...(state === "active" ? [sql`failures = 0`, sql`failing_since = null`, sql`open_until = null`] : []),
];

/** A new secret, beside which the previous one signs for some hours. The answer alone shows it. */
export async function rotateSecret(ctx: Context, input: NewSecret & { id: string }): Promise<IssuedWebhook> {
  const row = await readWebhook(ctx, input.id);
  const secret = newSigningSecret();
  const { sealed } = await ctx.webhooks.prepare({ secrets: [secret] });
  const endsAt = new Date(ctx.now().getTime() + input.keep_hours * HOUR_MS).toISOString();
  const [current] = secretsOf(row);
  const secrets = [
    storedSecret(ctx, sealed[0]!),
    ...(current && input.keep_hours > 0 ? [{ ...current, expires_at: endsAt }] : []),
  ];
  const saved = await save(ctx, input.id, versionOf(row), [sql`secrets = ${JSON.stringify(secrets)}::jsonb`]);
  return { ...saved, secret };
}

/** Deletes an endpoint with its deliveries. */
export async function deleteWebhook(ctx: Context, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (delete from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${input.id}
        returning *),
      ${recorded(ctx, "webhook.deleted")} select (select id::text from event_row)`,
  ]);
  const outboxId = results[0]![0]![0];
  if (outboxId === null) throw noSuchWebhook(input.id);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

/** Disables an endpoint that cannot be told of anything, and notifies its owner. */
export async function disableWebhook(ctx: Context, id: string, reason: "gone" | "failing"): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (update webhooks hook set state = 'disabled', disabled_reason = ${reason},
        version = hook.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}
        where hook.tenant_id = ${ctx.tenantId}::uuid and hook.id = ${id} and hook.state <> 'disabled' returning *),
      ${notify(ctx, {
        kind: "webhook.disabled",
        from: sql`saved`,
        persons: sql`select saved.created_by`,
        subject: sql`'webhook:' || saved.id`,
        payload: sql`jsonb_build_object('webhook', saved.id, 'name', saved.config ->> 'name', 'reason',
          saved.disabled_reason)`,
      })},
      ${recorded(ctx, "webhook.disabled", sql`saved.environment_id`)} select id::text from event_row`,
  ]);
  const outboxId = results[0]![0]?.[0];
  if (outboxId) ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

const recorded = (
  ctx: Context,
  event: "webhook.created" | "webhook.updated" | "webhook.deleted" | "webhook.disabled",
  environment?: SQL,
): SQL =>
  record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'webhook:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    meta: sql`jsonb_build_object('state', saved.state, 'reason', saved.disabled_reason)`,
    ...(environment ? { environment } : {}),
  });

async function save(ctx: Context, id: string, version: number, changes: SQL[]): Promise<Webhook> {
  const { results } = await ctx.db.run([
    sql`with saved as (update webhooks hook set ${sql.join(changes, sql`, `)}, version = hook.version + 1,
        updated_at = now(), updated_by = ${ctx.actor.id}
        where ${inEnvironment(ctx, "hook")} and hook.id = ${id} and hook.version = ${version}::int returning *),
      ${recorded(ctx, "webhook.updated")}
      select (select id::text from event_row), ${WEBHOOK_COLUMNS} from saved hook`,
  ]);
  const row = results[0]![0];
  if (!row) throw versionConflict(undefined, version);
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return presentWebhook(ctx, row.slice(1));
}

function versionConflict(current: number | undefined, given: number): AppError {
  return new AppError(
    "CONFLICT",
    "webhooks/version-conflict",
    current === undefined
      ? "The webhook was changed meanwhile."
      : `The webhook is at version ${current}, not ${given}.`,
    {
      details: [
        {
          path: "version",
          message: "is not the current one",
          ...(current === undefined ? {} : { current_version: current }),
        },
      ],
    },
  );
}

const storedSecret = (ctx: Context, sealed: string) => ({
  id: crypto.randomUUID().slice(0, 8),
  sealed,
  created_at: ctx.now().toISOString(),
  expires_at: null,
});

type Headers = WebhookConfig["headers"];

/**
 * What is stored of an endpoint, its URL looked at (a null one was before) and its secrets sealed, with
 * more secrets in the order in which they are given. Seals of one that moves to another origin are not
 * kept: whoever moves it could read them there.
 */
async function prepared(
  ctx: Context,
  wanted: Omit<NewWebhook, "state" | "headers"> & { headers: NewWebhook["headers"] | undefined },
  url: string | null,
  before: { headers: Headers; isMoved: boolean },
  secrets: string[],
): Promise<{ config: WebhookConfig; sealed: string[] }> {
  const issues: ErrorDetail[] = [];
  const names = (wanted.headers ?? []).map(({ name }) => name.toLowerCase());
  names.forEach((name, i) => {
    if (names.indexOf(name) < i) issues.push({ path: `headers[${i}].name`, message: "is there twice" });
  });
  const given = (wanted.headers ?? []).map((header, i) => {
    const old = before.headers.find(
      ({ name, sealed }) => name.toLowerCase() === names[i] && sealed !== undefined,
    );
    const isKept = header.value === undefined && header.is_secret && old !== undefined;
    if (isKept && before.isMoved)
      issues.push({
        path: `headers[${i}].value`,
        message: "must be given again: `url` leads to another origin",
      });
    else if (header.value === undefined && !isKept)
      issues.push({ path: `headers[${i}].value`, message: "is missing" });
    return { ...header, old };
  });
  if (issues.length > 0) throw invalidWebhook(issues);
  const toSeal = given.filter(({ is_secret: isSecret, value }) => isSecret && value !== undefined);
  const { refusal, sealed } = await ctx.webhooks.prepare({
    ...(url === null ? {} : { url }),
    secrets: [...secrets, ...toSeal.map(({ value }) => value!)],
  });
  if (refusal !== null) throw invalidWebhook([{ path: "url", message: refusal }]);
  const seals = sealed.slice(secrets.length);
  const headers = given.map(({ name, value, is_secret: isSecret, old }) => {
    if (!isSecret) return { name, value };
    return { name, sealed: value === undefined ? old!.sealed : seals.shift() };
  });
  return {
    config: { ...wanted, headers: wanted.headers ? headers : before.headers },
    sealed: sealed.slice(0, secrets.length),
  };
}
