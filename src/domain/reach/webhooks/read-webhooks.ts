import { sql } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { notFound } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import type { Webhook, WebhookConfig } from "./schemas.ts";

export type StoredSecret = { id: string; sealed: string; created_at: string; expires_at: string | null };

/** The columns that `presentWebhook` reads. */
export const WEBHOOK_COLUMNS = sql`hook.id, hook.config, hook.secrets, hook.state, hook.disabled_reason,
  hook.failures, cms_iso(hook.failing_since), cms_iso(hook.open_until), cms_iso(hook.succeeded_at), hook.version,
  cms_iso(hook.created_at), hook.created_by, cms_iso(hook.updated_at), hook.updated_by`;

/** The endpoints of the environment, the oldest first. */
export async function listWebhooks(ctx: Context): Promise<Webhook[]> {
  const { rows } = await ctx.db.read(
    sql`select ${WEBHOOK_COLUMNS} from webhooks hook where ${inEnvironment(ctx, "hook")} order by hook.id`,
  );
  return rows.map((row) => presentWebhook(ctx, row));
}

/** One endpoint; NOT_FOUND when the environment has none of that id. */
export async function getWebhook(ctx: Context, input: { id: string }): Promise<Webhook> {
  return presentWebhook(ctx, await readWebhook(ctx, input.id));
}

export async function readWebhook(ctx: Context, id: string): Promise<Row> {
  const { rows } = await ctx.db.read(
    sql`select ${WEBHOOK_COLUMNS} from webhooks hook where ${inEnvironment(ctx, "hook")} and hook.id = ${id}`,
  );
  if (!rows[0]) throw noSuchWebhook(id);
  return rows[0];
}

export const configOf = (row: Row): WebhookConfig => row[1] as WebhookConfig;
export const secretsOf = (row: Row): StoredSecret[] => row[2] as StoredSecret[];
export const versionOf = (row: Row): number => row[9] as number;

export const noSuchWebhook = (id: string) =>
  notFound("webhooks/not-found", `There is no webhook "${id.slice(0, 64)}".`);

export function presentWebhook(ctx: Context, row: Row): Webhook {
  const { headers, ...config } = configOf(row);
  const now = ctx.now().toISOString();
  return {
    id: row[0] as string,
    ...config,
    headers: headers.map(({ name, value, sealed }) => ({
      name,
      value: value ?? null,
      is_secret: sealed !== undefined,
    })),
    state: row[3] as Webhook["state"],
    disabled_reason: row[4] as Webhook["disabled_reason"],
    health: {
      failures: row[5] as number,
      failing_since: row[6] as string | null,
      paused_until: row[7] !== null && (row[7] as string) > now ? (row[7] as string) : null,
      succeeded_at: row[8] as string | null,
    },
    secrets: secretsOf(row)
      .filter(({ expires_at: at }) => at === null || at > now)
      .map(({ id, created_at, expires_at }) => ({ id, created_at, expires_at })),
    version: versionOf(row),
    created_at: row[10] as string,
    created_by: row[11] as string,
    updated_at: row[12] as string,
    updated_by: row[13] as string,
  };
}
