import { keepNewest } from "../../core/keep-newest.ts";
import { AppError } from "../../core/errors.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import type { Behind, SnapshotSource, SnapshotAnswer } from "./env.ts";

/** The age at which a cached snapshot is renewed in the background. */
export const RENEW_MS = 8000;
/** The highest age while the Durable Object is reachable: a revocation takes effect everywhere within it. */
export const FRESH_MS = 10_000;
/** The highest age for requests that change permissions: an older snapshot is renewed first. */
export const SENSITIVE_MS = 2000;
/** The highest age while the object is unreachable: after that every request is rejected. */
export const STALE_MS = 60_000;
/**
 * For unknown credentials: the shortest interval between two forced reads of the database, and between
 * two questions to the object.
 */
export const COOLDOWN_MS = 1000;
export const LOOK_AGAIN_MS = 50;
const NEGATIVE_MS = 10_000;
const MAX_SNAPSHOTS = 2000;

export type CachedSnapshot = { snapshot: TenantSnapshot; generation: number; readAt: number };
type CacheEntry = {
  cached: CachedSnapshot | null;
  readAt: number;
  forcedAt: number;
  /** The last attempt that failed or ran in the background. */
  askedAt: number;
};

const cache = new Map<string, CacheEntry>();

/**
 * The tenant's snapshot, at most `freshMs` old (10 s), or up to 60 s when the object is unreachable and
 * `freshMs` is the default. Null when there is no such tenant. Throws UNAVAILABLE when no snapshot is
 * recent enough.
 */
export async function snapshotOf(
  env: SnapshotSource,
  tenantId: string,
  behind: Behind,
  freshMs = FRESH_MS,
): Promise<CachedSnapshot | null> {
  const entry = cache.get(tenantId);
  const age = entry ? Date.now() - entry.readAt : Number.POSITIVE_INFINITY;
  if (entry && age < (entry.cached ? freshMs : NEGATIVE_MS)) {
    if (entry.cached && age >= RENEW_MS && !isCoolingDown(entry)) {
      entry.askedAt = Date.now();
      behind.waitUntil(ask(env, tenantId, false).catch(() => {}));
    }
    return entry.cached;
  }
  const mayServeStale = entry?.cached != null && age < STALE_MS && freshMs === FRESH_MS;
  if (mayServeStale && isCoolingDown(entry)) return entry.cached;
  try {
    await ask(env, tenantId, false);
  } catch (error) {
    if (mayServeStale) {
      entry.askedAt = Date.now();
      return entry.cached;
    }
    throw new AppError(
      "UNAVAILABLE",
      "access/no-snapshot",
      "Credentials cannot be checked right now: try again.",
      { headers: { "retry-after": "2" }, cause: error },
    );
  }
  return cache.get(tenantId)?.cached ?? null;
}

const isCoolingDown = ({ askedAt }: CacheEntry) => Date.now() - askedAt < COOLDOWN_MS;

/** Until when a credential that was checked against this snapshot is valid without another check. */
export function nextCheck({ readAt }: CachedSnapshot): number {
  const soon = Date.now() + COOLDOWN_MS;
  const [renewAt, oldAt] = [readAt + RENEW_MS, readAt + FRESH_MS];
  return oldAt <= Date.now() ? soon : Math.min(oldAt, Math.max(renewAt, soon));
}

/**
 * Makes the object read the tenant from the database, at most once a second unless the caller knows of a
 * change. Otherwise it returns what the object has, which is notified of every change: a new token works
 * at once in every isolate.
 */
export async function refreshSnapshot(
  env: SnapshotSource,
  tenantId: string,
  isKnownChange = false,
): Promise<CachedSnapshot | null> {
  const { forcedAt = 0, readAt = 0 } = cache.get(tenantId) ?? {};
  const now = Date.now();
  if (isKnownChange || now - forcedAt >= COOLDOWN_MS) await ask(env, tenantId, true);
  else {
    // Waits for the next read, so that a token created since the last one is accepted.
    if (now - readAt < LOOK_AGAIN_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS - (now - readAt)));
    if ((cache.get(tenantId)?.readAt ?? 0) <= now) await ask(env, tenantId, false);
  }
  return cache.get(tenantId)?.cached ?? null;
}

/** Not shared between requests: a promise of a cancelled request would never settle. */
async function ask(env: SnapshotSource, tenantId: string, isForced: boolean): Promise<void> {
  const stub = env.TENANTS.getByName(tenantId);
  const askedAt = Date.now();
  const answer = await (isForced ? stub.refresh() : stub.read());
  const known = cache.get(tenantId);
  if (isForced && known) known.forcedAt = Date.now();
  if (!isOvertaken(answer, known, askedAt)) store(tenantId, answer, isForced);
}

/** Whether a snapshot is older than one that arrived since it was requested. */
function isOvertaken({ snapshot }: SnapshotAnswer, known: CacheEntry | undefined, askedAt: number): boolean {
  const cached = known?.cached;
  if (!cached || cached.readAt < askedAt) return false;
  return !snapshot || snapshot.read_at_ms < cached.snapshot.read_at_ms;
}

function store(tenantId: string, { snapshot, generation }: SnapshotAnswer, isForced: boolean): void {
  const readAt = Date.now();
  const forcedAt = isForced ? readAt : (cache.get(tenantId)?.forcedAt ?? 0);
  const cached = snapshot && { snapshot, generation, readAt };
  keepNewest(cache, tenantId, { cached, readAt, forcedAt, askedAt: 0 }, MAX_SNAPSHOTS);
}
