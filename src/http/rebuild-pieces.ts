import type { Context } from "../core/context.ts";
import {
  leaveRebuild,
  nextToRebuild,
  noteSkipped,
  REBUILD_PAGE,
  rebuildReadModel,
  takeRebuild,
  type Rebuild,
} from "../domain/content/entries/index.ts";
import { indexEntries } from "../domain/content/search/index.ts";
import { isPassingFailure, reasonOf } from "../domain/tenant/events/index.ts";
import { isGone } from "./is-gone.ts";

/** What is done of a type before others have their turn. */
const PAGES_AT_ONCE = 2;

/**
 * Rebuilds one page of a tenant's pending types; returns whether there is more. Between pages the queue
 * delivers other messages.
 */
export async function rebuildPiece(
  tenantId: string,
  contextOf: (environmentId: string) => Context,
  none: Context,
): Promise<boolean> {
  const taken = await takeRebuild(none.db, tenantId);
  if (!taken) return false;
  const ctx = contextOf(taken.environmentId);
  try {
    await leaveRebuild(ctx, taken, await work(ctx, taken));
  } catch (error) {
    // An environment that is gone took its rebuilds along.
    if (isGone(error)) return true;
    await leaveRebuild(ctx, taken, taken);
    throw error;
  }
  return true;
}

async function work(ctx: Context, taken: Rebuild): Promise<{ after: string | undefined; attempts: number }> {
  const { type } = taken;
  let after: string | undefined = taken.after;
  if (taken.attempts > 0) return { after: await oneByOne(ctx, taken), attempts: 0 };
  for (let page = 0; page < PAGES_AT_ONCE && after !== undefined; page++) {
    try {
      after = await rebuildPage(ctx, type, after, REBUILD_PAGE);
    } catch (error) {
      if (isGone(error) || isPassingFailure(error)) throw error;
      return { after, attempts: 1 };
    }
  }
  return { after, attempts: 0 };
}

/** Rebuilds a failed page entry by entry, without those that fail. */
async function oneByOne(ctx: Context, { type, after: from }: Rebuild): Promise<string | undefined> {
  let after = from;
  for (let i = 0; i < REBUILD_PAGE; i++) {
    let next: string | undefined;
    try {
      next = await rebuildPage(ctx, type, after, 1);
    } catch (error) {
      if (isGone(error) || isPassingFailure(error)) throw error;
      next = await nextToRebuild(ctx, { type, after });
      if (next !== undefined)
        await noteSkipped(ctx, { type, skipped: [{ id: next, reason: reasonOf(error) }] });
    }
    if (next === undefined) return undefined;
    after = next;
  }
  return after;
}

async function rebuildPage(ctx: Context, type: string, after: string, size: number) {
  const { ids, next } = await rebuildReadModel(ctx, { type, after, size });
  const unindexed = await indexEntries(ctx, { ids });
  if (unindexed.length > 0)
    await noteSkipped(ctx, {
      type,
      skipped: unindexed.map(({ id, error }) => ({ id, reason: reasonOf(error) })),
    });
  return next;
}
