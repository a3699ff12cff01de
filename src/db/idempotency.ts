import { sql, type SQL } from "drizzle-orm";
import type { IdempotencyKey } from "../core/context.ts";
import { KEY_USED, postgresError } from "./errors.ts";

/** A key as one request uses it: the request's own transactions may use it several times, nobody else's. */
export type Once = IdempotencyKey & { requestId: string };

/**
 * The answer that was kept under a key; `status` is null while its request is under way, or when that
 * was cut off.
 */
export type KeptWrite = {
  fingerprint: string;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
};

const KEPT_FOR = sql.raw("interval '24 hours'");
const KEPT = sql.raw(
  "jsonb_build_object('fingerprint', fingerprint, 'status', status, 'headers', headers, 'body', body)",
);

/**
 * Takes the key in the transaction that does the write, so that both happen or neither. Whoever comes
 * second waits for the first to commit; its second statement then sees whose key it is.
 */
export function claimStatements(tenantId: string, { key, fingerprint, requestId }: Once): SQL[] {
  const isIt = sql`tenant_id = ${tenantId}::uuid and key = ${key}`;
  return [
    sql`insert into idempotency_keys as used (tenant_id, key, fingerprint, request_id)
      values (${tenantId}::uuid, ${key}, ${fingerprint}, ${requestId})
      on conflict (tenant_id, key) do update set fingerprint = excluded.fingerprint,
        request_id = excluded.request_id, status = null, headers = null,
        body = null, created_at = now() where used.created_at < now() - ${KEPT_FOR}`,
    sql`select cms_expect((select request_id from idempotency_keys where ${isIt}) = ${requestId},
      ${KEY_USED},
      (select ${KEPT}::text from idempotency_keys where ${isIt}))`,
  ];
}

/** Keeps the answer of the request that took the key. */
export function keepAnswer(tenantId: string, once: Once, answer: Omit<KeptWrite, "fingerprint">): SQL {
  return sql`update idempotency_keys set status = ${answer.status}::smallint,
    headers = ${JSON.stringify(answer.headers)}::jsonb, body = ${answer.body}
    where tenant_id = ${tenantId}::uuid and key = ${once.key} and request_id = ${once.requestId}`;
}

/** Takes away the tenant's keys whose answers are not given again: 5,000 at most. */
export function expireKeys(tenantId: string): SQL {
  return sql`delete from idempotency_keys where tenant_id = ${tenantId}::uuid and key in (
    select key from idempotency_keys where tenant_id = ${tenantId}::uuid
    and created_at < now() - ${KEPT_FOR} limit 5000)`;
}

/** A select of what is kept under a key. */
export function readKept(tenantId: string, key: string): SQL {
  return sql`select ${KEPT}
    from idempotency_keys where tenant_id = ${tenantId}::uuid and key = ${key}`;
}

/** What is kept under the key that kept a transaction from running; undefined for every other error. */
export function keptWrite(error: unknown): KeptWrite | undefined {
  const { code, detail } = postgresError((error as { cause?: unknown } | undefined)?.cause) ?? {};
  return code === KEY_USED && detail ? (JSON.parse(detail) as KeptWrite) : undefined;
}
