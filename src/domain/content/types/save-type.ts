import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { preconditionFailed, requireMet, type Precondition } from "../../../core/preconditions.ts";
import { versionMeets } from "../../../db/precondition-sql.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import { backReferenced, listsOf } from "./back-references.ts";
import { stepsOf, type ChangeStep } from "./change-steps.ts";
import { changeDefinitions } from "./change-definitions.ts";
import { parseType } from "./check-definition.ts";
import type { LocaleRules } from "./localisation.ts";
import { targetsOf } from "./plan-definitions.ts";
import { splitRenames } from "./renames.ts";
import { readDefinitions, type Definitions } from "./read-definitions.ts";
import { presentIdOf } from "./new-ids.ts";
import { getType, noSuchType, presentType } from "./read-types.ts";
import { forgetSchema, lockEnvironment } from "./schema-of-environment.ts";
import type { ContentType } from "./schemas.ts";

/** Creates a content type; CONFLICT when the id is taken. */
export async function createType(ctx: Context, input: { definition: unknown }): Promise<ContentType> {
  requirePermission(ctx, "types:write");
  const definition = parseType(input.definition);
  const { written } = await changeDefinitions(
    ctx,
    ({ types }) => {
      if (!types.has(definition.id)) return { types: [{ definition }], components: [] };
      throw new AppError(
        "CONFLICT",
        "types/id-taken",
        `The content type "${definition.id}" exists already: change it with PUT /types/${definition.id}.`,
        { details: [{ path: "id", message: "is taken" }] },
      );
    },
    { allowDataLoss: false },
  );
  return presentType(definition, written.types.get(definition.id)!);
}

/**
 * Creates or replaces a content type. A change that working copies or published versions violate is a
 * CONFLICT `types/violated` that lists them. Removing fields and blocks that have values, or changing
 * the type of such a field, needs `allowDataLoss`. An outdated `version` is a CONFLICT. With `from` a type
 * gets this id in place of that one.
 */
export async function putType(
  ctx: Context,
  input: {
    id: string;
    definition: unknown;
    version?: number | undefined;
    precondition?: Precondition | undefined;
    allowDataLoss: boolean;
    dryRun?: boolean;
    /** The id that it has until now. */
    from?: string | undefined;
  } & LocaleRules,
): Promise<{ type: ContentType; outcome: "created" | "updated" | "unchanged"; steps: ChangeStep[] }> {
  requirePermission(ctx, "types:write");
  const { definition: given, renames } = splitRenames(input.definition);
  const definition = parseType(given);
  if (definition.id !== input.id) {
    throw invalid("types/id-differs", "The id of a content type cannot change.", [
      { path: "id", message: `must be "${input.id}", as in the path` },
    ]);
  }
  const { localize, unlocalize, from } = input;
  const { current, change, written } = await changeDefinitions(
    ctx,
    ({ types }) => {
      const { version } = types.get(from ?? input.id) ?? types.get(input.id) ?? {};
      requireVersion("types/version-conflict", "type", input.version, version);
      requireMet(input.precondition, version ?? null);
      return { types: [{ definition, from, renames, localize, unlocalize }], components: [] };
    },
    input,
  );
  const now = written.types.get(input.id);
  const before = current.types.get(change.newIds.types.get(input.id) ?? input.id);
  const outcome = before ? "updated" : "created";
  if (now) return { type: presentType(definition, now), outcome, steps: [] };
  const steps = input.dryRun ? await stepsOf(ctx, change) : [];
  if (before) return { type: await getType(ctx, before), outcome: "unchanged", steps };
  const at = ctx.now().toISOString();
  const planned = { version: 1, created_at: at, updated_at: at };
  return { type: presentType(definition, planned), outcome: "unchanged", steps };
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

const MAX_TRIES = 3;

/**
 * Deletes a content type that has no entries. CONFLICT when fields refer to it, unless `isKept`: then
 * they go on naming it.
 */
export async function deleteType(
  ctx: Context,
  input: { id: string; isKept?: boolean; precondition?: Precondition | undefined },
): Promise<void> {
  requirePermission(ctx, "types:write");
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const definitions = await readDefinitions(ctx);
    const current = definitions.types.get(input.id);
    if (!current) throw noSuchType(input.id, presentIdOf(definitions.types, input.id));
    const referring = referringTo(definitions, input.id);
    if (referring.length > 0 && !input.isKept) throw referredTo(input.id, referring);
    const lists = listsOf(authoredOf(definitions), input.id);
    if (lists.length > 0 && !input.isKept) throw backReferenced(lists);
    const { results } = await ctx.db.run([lockEnvironment(ctx), deleteStatement(ctx, input, definitions)]);
    const [entries, isSame, outboxId] = results[1]![0]!;
    forgetSchema(ctx);
    if (outboxId !== null) return ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
    if (entries !== 0)
      throw new AppError(
        "CONFLICT",
        "types/in-use",
        `${entries === 1000 ? "1,000 or more" : entries} entries are of the type "${input.id}": delete them first.`,
      );
    if (isSame === true) throw preconditionFailed(current.version);
  }
  throw new AppError("UNAVAILABLE", "types/changing", "Definitions are being changed: try again.");
}

const deleteStatement = (
  ctx: Context,
  input: { id: string; precondition?: Precondition | undefined },
  { schemaVersion }: Definitions,
) => sql`with used as (select count(*)::int as entries
      from (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
        and entry.type = ${input.id} limit 1000) used_by),
    same as (select schema_version = ${schemaVersion}::int as holds from environments
      where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid),
    gone as (delete from content_types type using same where ${inEnvironment(ctx, "type")}
      and type.id = ${input.id} and (select entries from used) = 0 and same.holds
      and ${versionMeets(input.precondition, sql`type.version`)} returning type.*),
    bumped as (update environments set schema_version = schema_version + 1
      where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid
      and exists (select 1 from gone)),
    ${record(ctx, {
      event: "type.deleted",
      from: sql`gone`,
      subject: sql`'type:' || gone.id`,
      payload: sql`jsonb_build_object('id', gone.id, 'version', gone.version)`,
    })}
    select (select entries from used), (select holds from same), (select id::text from event_row)`;

const authoredOf = ({ types }: Definitions) =>
  new Map([...types].map(([id, { authored }]) => [id, authored]));

/** What names a type in a `to`, apart from itself: `types.page`, `components.card`. */
const referringTo = ({ types, components }: Definitions, id: string): string[] => [
  ...[...types.values()]
    .filter((type) => type.id !== id && targetsOf(type.authored.fields).has(id))
    .map((type) => `types.${type.id}`),
  ...[...components.values()]
    .filter(({ definition }) => targetsOf(definition.fields).has(id))
    .map(({ definition }) => `components.${definition.id}`),
];

function referredTo(id: string, referring: string[]): AppError {
  return new AppError(
    "CONFLICT",
    "types/referenced",
    `Fields of ${referring.slice(0, 10).join(", ")} refer to "${id}": change them first, or use on_reference=keep.`,
    { details: referring.slice(0, 50).map((path) => ({ path, message: `refers to "${id}"` })) },
  );
}
