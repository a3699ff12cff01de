import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { preconditionFailed, requireMet, type Precondition } from "../../../core/preconditions.ts";
import { versionMeets } from "../../../db/precondition-sql.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import { changeDefinitions } from "./change-definitions.ts";
import { parseType } from "./check-definition.ts";
import { readDefinitions } from "./read-definitions.ts";
import { getType, presentType } from "./read-types.ts";
import { forgetSchema, lockEnvironment } from "./schema-of-environment.ts";
import type { ContentType } from "./schemas.ts";

/** Creates a content type; CONFLICT when the id is taken. */
export async function createType(ctx: Context, input: { definition: unknown }): Promise<ContentType> {
  requirePermission(ctx, "types:write");
  const definition = parseType(input.definition);
  const { written } = await changeDefinitions(
    ctx,
    ({ types }) => {
      if (!types.has(definition.id)) return { types: [definition], components: [] };
      throw new AppError(
        "CONFLICT",
        "types/id-taken",
        `The content type "${definition.id}" exists already: change it with PUT /types/${definition.id}.`,
      );
    },
    { allowDataLoss: false },
  );
  return presentType(definition, written.types.get(definition.id)!);
}

/**
 * Creates or replaces a content type. A change that working copies or published versions violate is a
 * CONFLICT `types/violated` that lists them. Removing fields and blocks that have values, or changing
 * the type of such a field, needs `allowDataLoss`. An outdated `version` is a CONFLICT.
 */
export async function putType(
  ctx: Context,
  input: {
    id: string;
    definition: unknown;
    version?: number | undefined;
    precondition?: Precondition | undefined;
    allowDataLoss: boolean;
  },
): Promise<{ type: ContentType; outcome: "created" | "updated" | "unchanged" }> {
  requirePermission(ctx, "types:write");
  const definition = parseType(input.definition);
  if (definition.id !== input.id) {
    throw invalid("types/id-differs", "The id of a content type cannot change.", [
      { path: "id", message: `must be "${input.id}", as in the path` },
    ]);
  }
  const { current, written } = await changeDefinitions(
    ctx,
    ({ types }) => {
      requireVersion("types/version-conflict", "type", input.version, types.get(input.id)?.version);
      requireMet(input.precondition, types.get(input.id)?.version ?? null);
      return { types: [definition], components: [] };
    },
    input,
  );
  const now = written.types.get(input.id);
  if (!now) return { type: await getType(ctx, input), outcome: "unchanged" };
  return {
    type: presentType(definition, now),
    outcome: current.types.has(input.id) ? "updated" : "created",
  };
}

/** Throws CONFLICT when a version was given that the definition does not have; 0 is of one that is not there. */
export function requireVersion(
  reason: string,
  what: string,
  given: number | undefined,
  version: number = 0,
): void {
  if (given === undefined || given === version) return;
  throw new AppError("CONFLICT", reason, `The ${what} is at version ${version}, not ${given}.`, {
    details: [{ path: "version", message: `is ${version} now` }],
  });
}

/** Deletes a content type that has no entries. */
export async function deleteType(
  ctx: Context,
  input: { id: string; precondition?: Precondition | undefined },
): Promise<void> {
  requirePermission(ctx, "types:write");
  const current = (await readDefinitions(ctx)).types.get(input.id);
  if (!current) throw notFound("types/not-found", `There is no content type "${input.id.slice(0, 64)}".`);
  const { results } = await ctx.db.run([
    lockEnvironment(ctx),
    sql`with used as (select count(*)::int as entries
      from (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
        and entry.type = ${input.id} limit 1000) used_by),
      gone as (delete from content_types type where ${inEnvironment(ctx, "type")} and type.id = ${input.id}
        and (select entries from used) = 0
        and ${versionMeets(input.precondition, sql`type.version`)} returning *),
      bumped as (update environments set schema_version = schema_version + 1
        where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid
        and exists (select 1 from gone)),
      ${record(ctx, {
        event: "type.deleted",
        from: sql`gone`,
        subject: sql`'type:' || gone.id`,
        payload: sql`jsonb_build_object('id', gone.id, 'version', gone.version)`,
      })}
      select (select entries from used), (select id::text from event_row)`,
  ]);
  const [entries, outboxId] = results[1]![0]!;
  forgetSchema(ctx);
  if (outboxId === null) {
    if (entries === 0) throw preconditionFailed(current.version);
    throw new AppError(
      "CONFLICT",
      "types/in-use",
      `${entries === 1000 ? "1,000 or more" : entries} entries are of the type "${input.id}": delete them first.`,
    );
  }
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
