import type { Context } from "../../../core/context.ts";
import { coversAction, type Grant } from "../../../core/grants.ts";
import { isId } from "../../../core/ids.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { makeTargets, noSuchRelease } from "./make-targets.ts";

/**
 * The context of a reader who sees what is published as it would be after a release, as far as they may
 * read working copies. Its answers are for no shared cache. Throws NOT_FOUND.
 */
export async function previewOf(ctx: Context, id: string): Promise<Context> {
  requirePermission(ctx, "content:read-draft");
  requirePermission(ctx, "releases:read");
  if (!isId("rel", id)) throw noSuchRelease(id);
  const isOver = (await makeTargets(ctx, id)) === "published";
  const { grants, ...actor } = ctx.actor;
  return {
    ...ctx,
    isForEdge: false,
    actor: grants ? { ...actor, grants: grants.map(asOfDrafts) } : ctx.actor,
    db: isOver ? ctx.db : ctx.db.asAfter(id),
  };
}

/** A grant that lets read what is published as it let read working copies. */
function asOfDrafts(grant: Grant): Grant {
  const isOfDrafts = coversAction(grant.actions, "content:read-draft");
  const others =
    grant.effect === "deny" ? grant.actions : grant.actions.filter((one) => one !== "content:read");
  return { ...grant, actions: isOfDrafts ? [...others, "content:read"] : others };
}
