import { AppError } from "../../core/errors.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import type { Behind, GatewayBindings, SnapshotAnswer } from "./env.ts";

/** How old a copy may be before it is asked for anew behind the answer. */
export const RENEW_MS = 8000;
/**
 * How old a copy may be while the object can be asked: what was revoked is refused after that,
 * everywhere.
 */
export const FRESH_MS = 10_000;
/**
 * How old a copy may be where a caller changes who may do what: it is then asked for anew before the
 * answer.
 */
export const SENSITIVE_MS = 2000;
/** How old a copy may be at all: after that nobody is let in without the object's word. */
export const STALE_MS = 60_000;
/**
 * How often the object is made to read the database anew, and how often it is asked what it knows, for
 * unknown credentials.
 */
export const COOLDOWN_MS = 1000;
export const LOOK_AGAIN_MS = 50;
const NEGATIVE_MS = 10_000;
const MAX_COPIES = 2000;

export type SnapshotCopy = { snapshot: TenantSnapshot; generation: number; readAt: number };
type Kept = {
  copy: SnapshotCopy | null;
  readAt: number;
  forcedAt: number;
  /** When it was last asked for in vain, or behind an answer. */
  askedAt: number;
};

const copies = new Map<string, Kept>();

/**
 * The tenant's snapshot as this isolate knows it: at most `freshMs` old (10 s), or, when its object
 * cannot be asked and no less was wanted, up to 60 s. Null for no such tenant. Throws UNAVAILABLE
 * when nothing young enough is to be had.
 */
export async function snapshotOf(
  env: GatewayBindings,
  tenantId: string,
  behind: Behind,
  freshMs = FRESH_MS,
): Promise<SnapshotCopy | null> {
  const kept = copies.get(tenantId);
  const age = kept ? Date.now() - kept.readAt : Number.POSITIVE_INFINITY;
  if (kept && age < (kept.copy ? freshMs : NEGATIVE_MS)) {
    if (kept.copy && age >= RENEW_MS && !isCoolingDown(kept)) {
      kept.askedAt = Date.now();
      behind.waitUntil(ask(env, tenantId, false).catch(() => {}));
    }
    return kept.copy;
  }
  const isBearable = kept?.copy != null && age < STALE_MS && freshMs === FRESH_MS;
  if (isBearable && isCoolingDown(kept)) return kept.copy;
  try {
    await ask(env, tenantId, false);
  } catch (error) {
    if (isBearable) {
      kept.askedAt = Date.now();
      return kept.copy;
    }
    throw new AppError(
      "UNAVAILABLE",
      "access/no-snapshot",
      "Credentials cannot be checked right now: try again.",
      { headers: { "retry-after": "2" }, cause: error },
    );
  }
  return copies.get(tenantId)?.copy ?? null;
}

const isCoolingDown = ({ askedAt }: Kept) => Date.now() - askedAt < COOLDOWN_MS;

/** Until when what was checked against a copy need not be checked again. */
export function nextCheck({ readAt }: SnapshotCopy): number {
  const soon = Date.now() + COOLDOWN_MS;
  const [renewAt, oldAt] = [readAt + RENEW_MS, readAt + FRESH_MS];
  return oldAt <= Date.now() ? soon : Math.min(oldAt, Math.max(renewAt, soon));
}

/**
 * Has the object read the tenant anew; at most once a second unless the caller knows that something
 * changed. In between the object is asked for what it knows, since it is told of every change: a new
 * token counts at once in every isolate.
 */
export async function refreshSnapshot(
  env: GatewayBindings,
  tenantId: string,
  isKnownChange = false,
): Promise<SnapshotCopy | null> {
  const { forcedAt = 0, readAt = 0 } = copies.get(tenantId) ?? {};
  const now = Date.now();
  if (isKnownChange || now - forcedAt >= COOLDOWN_MS) await ask(env, tenantId, true);
  else {
    // What was made since the last look is not refused: the next look is waited for.
    if (now - readAt < LOOK_AGAIN_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS - (now - readAt)));
    if ((copies.get(tenantId)?.readAt ?? 0) <= now) await ask(env, tenantId, false);
  }
  return copies.get(tenantId)?.copy ?? null;
}

/** Each caller asks for itself: a promise shared with a request that was cut off would never be kept. */
async function ask(env: GatewayBindings, tenantId: string, isForced: boolean): Promise<void> {
  const stub = env.TENANTS.getByName(tenantId);
  const askedAt = Date.now();
  const answer = await (isForced ? stub.refresh() : stub.read());
  const known = copies.get(tenantId);
  if (isForced && known) known.forcedAt = Date.now();
  if (!isOvertaken(answer, known, askedAt)) keep(tenantId, answer, isForced);
}

/** Whether an answer is older than what another question has brought since this one was asked. */
function isOvertaken({ snapshot }: SnapshotAnswer, known: Kept | undefined, askedAt: number): boolean {
  const copy = known?.copy;
  if (!copy || copy.readAt < askedAt) return false;
  return !snapshot || snapshot.read_at_ms < copy.snapshot.read_at_ms;
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
