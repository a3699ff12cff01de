import { sql, type SQL } from "drizzle-orm";
import type { IdempotencyKey } from "../core/context.ts";
import { KEY_USED, postgresError } from "./errors.ts";

/** A key and the request that uses it: several transactions of that request may, other requests may not. */
export type Once = IdempotencyKey & { requestId: string };

/** The response stored under a key; `status` is null while its request is running or after it was cut off. */
export type StoredResponse = {
  fingerprint: string;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
};

const RETENTION = sql.raw("interval '24 hours'");
const STORED = sql.raw(
  "jsonb_build_object('fingerprint', fingerprint, 'status', status, 'headers', headers, 'body', body)",
);

/**
 * Claims the key in the transaction of the write, so that both happen or neither. A concurrent request
 * waits for the first to commit, and its second statement then finds the key taken.
 */
export function claimStatements(tenantId: string, { key, fingerprint, requestId }: Once): SQL[] {
  const isIt = sql`tenant_id = ${tenantId}::uuid and key = ${key}`;
  return [
    sql`insert into idempotency_keys as used (tenant_id, key, fingerprint, request_id)
      values (${tenantId}::uuid, ${key}, ${fingerprint}, ${requestId})
      on conflict (tenant_id, key) do update set fingerprint = excluded.fingerprint,
        request_id = excluded.request_id, status = null, headers = null,
        body = null, created_at = now() where used.created_at < now() - ${RETENTION}`,
    sql`select cms_expect((select request_id from idempotency_keys where ${isIt}) = ${requestId},
      ${KEY_USED},
      (select ${STORED}::text from idempotency_keys where ${isIt}))`,
  ];
}

/** Stores the response of the request that claimed the key. */
export function storeResponse(
  tenantId: string,
  once: Once,
  answer: Omit<StoredResponse, "fingerprint">,
): SQL {
  return sql`update idempotency_keys set status = ${answer.status}::smallint,
    headers = ${JSON.stringify(answer.headers)}::jsonb, body = ${answer.body}
    where tenant_id = ${tenantId}::uuid and key = ${once.key} and request_id = ${once.requestId}`;
}

/** Deletes up to 5,000 expired keys of the tenant. */
export function expireKeys(tenantId: string): SQL {
  return sql`delete from idempotency_keys where tenant_id = ${tenantId}::uuid and key in (
    select key from idempotency_keys where tenant_id = ${tenantId}::uuid
    and created_at < now() - ${RETENTION} limit 5000)`;
}

/** Selects the response stored under a key. */
export function readStoredResponse(tenantId: string, key: string): SQL {
  return sql`select ${STORED}
    from idempotency_keys where tenant_id = ${tenantId}::uuid and key = ${key}`;
}

/** The stored response, when an error says that the key was used before; otherwise undefined. */
export function storedResponseIn(error: unknown): StoredResponse | undefined {
  const { code, detail } = postgresError((error as { cause?: unknown } | undefined)?.cause) ?? {};
  return code === KEY_USED && detail ? (JSON.parse(detail) as StoredResponse) : undefined;
}
