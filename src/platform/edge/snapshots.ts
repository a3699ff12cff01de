import { AppError } from "../../core/errors.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import type { GatewayBindings, SnapshotAnswer } from "./env.ts";

/** How old a copy may be before it is asked for anew, behind the answer. */
export const FRESH_MS = 10_000;
/** How old a copy may be at all: after that nobody is let in without the object's word. */
export const STALE_MS = 60_000;
const COOLDOWN_MS = 1000;
const NEGATIVE_MS = 10_000;
const MAX_COPIES = 2000;

export type SnapshotCopy = { snapshot: TenantSnapshot; generation: number; readAt: number };
type Kept = {
  copy: SnapshotCopy | null;
  readAt: number;
  forcedAt: number;
  askedAt: number;
};

const copies = new Map<string, Kept>();

/**
 * The tenant's snapshot as this isolate knows it: at most 10 s old, or up to 60 s while it is being asked for. Null for
 * no such tenant. Throws UNAVAILABLE when nothing younger than 60 s is to be had.
 */
export async function snapshotOf(
  env: GatewayBindings,
  tenantId: string,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<SnapshotCopy | null> {
  const kept = copies.get(tenantId);
  const age = kept ? Date.now() - kept.readAt : Number.POSITIVE_INFINITY;
  if (kept && age < (kept.copy ? FRESH_MS : NEGATIVE_MS)) return kept.copy;
  if (kept?.copy && age < STALE_MS) {
    if (Date.now() - kept.askedAt >= COOLDOWN_MS) {
      kept.askedAt = Date.now();
      waitUntil(ask(env, tenantId, false).catch(() => {}));
    }
    return kept.copy;
  }
  try {
    await ask(env, tenantId, false);
  } catch (error) {
    throw new AppError(
      "UNAVAILABLE",
      "access/no-snapshot",
      "Credentials cannot be checked right now: try again.",
      {
        headers: { "retry-after": "2" },
        cause: error,
      },
    );
  }
  return copies.get(tenantId)?.copy ?? null;
}

/** Has the object read the tenant anew; at most once a second unless the caller knows that something changed. */
export async function refreshSnapshot(
  env: GatewayBindings,
  tenantId: string,
  isKnownChange = false,
): Promise<SnapshotCopy | null> {
  const kept = copies.get(tenantId);
  if (isKnownChange || Date.now() - (kept?.forcedAt ?? 0) >= COOLDOWN_MS) await ask(env, tenantId, true);
  return copies.get(tenantId)?.copy ?? null;
}

/** Each caller asks for itself: a promise shared with a request that was cut off would never be kept. */
async function ask(env: GatewayBindings, tenantId: string, isForced: boolean): Promise<void> {
  const stub = env.TENANTS.getByName(tenantId);
  keep(tenantId, await (isForced ? stub.refresh() : stub.read()), isForced);
}

function keep(tenantId: string, { snapshot, generation }: SnapshotAnswer, isForced: boolean): void {
  const readAt = Date.now();
  const forcedAt = isForced ? readAt : (copies.get(tenantId)?.forcedAt ?? 0);
  copies.delete(tenantId);
  copies.set(tenantId, {
    copy: snapshot && { snapshot, generation, readAt },
    readAt,
    forcedAt,
    askedAt: 0,
  });
  if (copies.size > MAX_COPIES) copies.delete(copies.keys().next().value!);
}
