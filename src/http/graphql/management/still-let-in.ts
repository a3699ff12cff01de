import type { Actor, Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import type { TenantSnapshot } from "../../../core/snapshot.ts";
import type { DatabaseClient } from "../../../db/client.ts";
import { readSnapshot } from "../../../domain/tenant/tenants/index.ts";

/**
 * Throws UNAUTHENTICATED when the caller, who was let in at `sinceMs` by the clock of Postgres, would not
 * be let in again: what a document does can take away the right to the rest of it.
 */
export async function requireStillLetIn(
  { tenantId, actor }: Pick<Context, "tenantId" | "actor">,
  client: DatabaseClient,
  sinceMs: number,
): Promise<void> {
  const snapshot = await readSnapshot(client, tenantId);
  if (snapshot?.tenant.status === "active" && isKnown(snapshot, actor, sinceMs)) return;
  throw new AppError(
    "UNAUTHENTICATED",
    "access/token-revoked",
    "The token was revoked, or its session has ended.",
  );
}

function isKnown(
  { tokens, keys, revoked = [] }: TenantSnapshot,
  { kind, id }: Actor,
  sinceMs: number,
): boolean {
  if (id.startsWith("tok_")) return tokens.some((token) => token.id === id);
  const trusted = /^jwt:([^:]*):/.exec(id)?.[1];
  if (trusted !== undefined) return keys.some((key) => !key.is_ours && key.kid === trusted);
  return !revoked.some(
    (one) =>
      Date.parse(one.at) >= Math.floor(sinceMs) &&
      ((one.kind === "people" && kind === "person") ||
        ((one.kind === "person" || one.kind === "client") && one.id === id)),
  );
}
