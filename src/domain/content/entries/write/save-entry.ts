import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError, invalid } from "../../../../core/errors.ts";
import { isId, newId } from "../../../../core/ids.ts";
import { seesEverything } from "../../../../core/grants.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { preconditionFailed, requireMet, type Precondition } from "../../../../core/preconditions.ts";
import { versionMeets } from "../../../../db/precondition-sql.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import {
  typeOf,
  withSchema,
  type CompiledType,
  type EnvironmentSchema,
  type WriteNote,
} from "../../types/index.ts";
import {
  allowedUnless,
  checks,
  keepVersion,
  madeSlugs,
  mustHold,
  needsBefore,
  readEntryValues,
  schemaGuard,
  splitBody,
  treeCte,
  uncheckedRefs,
  writeDraftRows,
  type Before,
  type EntryValues,
  type Must,
  type TreeRefusal,
} from "../model/index.ts";
import { accessOf, notGranted } from "../../grants/index.ts";
import { seenSql } from "../query/index.ts";
import { brokenReferences, uncheckedNotes, type Missing, type Unchecked } from "./broken-references.ts";
import { readSources } from "./read-sources.ts";
import { guardSave, readVerdict } from "./guard-writes.ts";
import { presentSaved, savedColumns } from "../read/index.ts";
import type { WorkingCopy } from "../schemas.ts";
import {
  noSuchEntry,
  notUnique,
  outOfTree,
  rulesBroken,
  singletonTaken,
  versionConflict,
  type Taken,
} from "../refusals.ts";
import { asksOfParts, keepParts } from "./keep-parts.ts";
import { changedMeanwhile, foundIn, overBefore, readFound } from "./over-before.ts";
import { idOf } from "./only-entry.ts";
import { dataAfter, isExpected, isSame, saved, type Save, type SaveOptions } from "./saved-row.ts";

export type SaveOutcome = {
  entry: WorkingCopy;
  outcome: "created" | "updated" | "unchanged";
  notes: WriteNote[];
};

/** Creates an entry as a draft. The body may bring an `id` (imports) and `created_at`. */
export async function createEntry(
  ctx: Context,
  input: SaveOptions & { body: unknown },
): Promise<SaveOutcome> {
  requirePermission(ctx, "content:write");
  const { id, createdAt, fields } = splitBody(input.body);
  return save(ctx, {
    ...input,
    mode: "create",
    id: id ?? newId("cnt", ctx.now().getTime()),
    createdAt,
    fields,
    reusesId: id !== undefined,
  });
}

/**
 * A write to one entry. A stale `version` is a CONFLICT, a `precondition` that does not hold
 * PRECONDITION_FAILED.
 */
type Change = SaveOptions & {
  id: string;
  body: unknown;
  version?: number | undefined;
  precondition?: Precondition | undefined;
};

/** Changes the fields that are given and leaves the others alone. A stale `version` is a CONFLICT. */
export async function updateEntry(ctx: Context, input: Change): Promise<SaveOutcome> {
  requirePermission(ctx, "content:write");
  const { version, fields } = splitBody(input.body);
  const id = await idOf(ctx, input, () => {
    throw noSuchEntry(input.type, input.id);
  });
  return save(ctx, {
    ...input,
    id,
    name: input.id,
    mode: "patch",
    version: version ?? input.version,
    fields,
  });
}

/** Creates or replaces an entry under a client-chosen id; repeating it changes nothing and says so. */
export async function putEntry(ctx: Context, input: Change): Promise<SaveOutcome> {
  requirePermission(ctx, "content:write");
  let isNew = false;
  const id = await idOf(ctx, input, () => {
    isNew = true;
    return newId("cnt", ctx.now().getTime());
  });
  const saved = putUnder(ctx, id, input);
  if (!isNew) return saved;
  // Another request may have made the only entry of a singleton meanwhile: this one replaces it.
  return saved.catch((error: unknown) => {
    if (!(error instanceof AppError && error.reason === "content/singleton-taken")) throw error;
    return idOf(ctx, input, () => id).then((taken) => putUnder(ctx, taken, input));
  });
}

async function putUnder(ctx: Context, id: string, input: Change): Promise<SaveOutcome> {
  if (!isId("cnt", id)) {
    throw invalid("content/bad-id", "The id in the path must be cnt_ and 26 characters of base 32.", [
      { path: "id", message: "must look like cnt_01jd3f0b6vfs8t4z9c7q2m5n8x" },
    ]);
  }
  const { version, createdAt, fields } = splitBody(input.body);
  return save(ctx, {
    ...input,
    id,
    name: input.id,
    mode: "put",
    version: version ?? input.version,
    createdAt,
    fields,
    reusesId: true,
  });
}

/** Properties next to `data` in the response to a write. */
export const besideOf = (notes: WriteNote[]): { notes?: WriteNote[] } => (notes.length > 0 ? { notes } : {});

async function save(ctx: Context, input: Save): Promise<SaveOutcome> {
  const sources = input.mode === "patch" ? await readSources(ctx, [input]) : undefined;
  return overBefore<Before, SaveOutcome>(input.version === undefined, (before) =>
    saveOver(ctx, input, before, sources?.get(input.id)),
  );
}

function saveOver(
  ctx: Context,
  input: Save,
  before: Before | undefined,
  stored: Record<string, unknown> | undefined,
): Promise<SaveOutcome | { before: Before }> {
  return withSchema(ctx, {
    plan(schema) {
      const type = typeOf(schema, input.type);
      const asks = needsBefore(type, input.mode, input.fields) || asksOfParts(ctx, schema, type, input);
      if (before === undefined && asks) return undefined;
      const kept = keepParts(ctx, schema, type, input, before);
      const values = readEntryValues(schema, type, kept.fields, {
        locale: input.locale,
        allowIncomplete: input.allowIncomplete ?? false,
        isPartial: input.mode === "patch",
        stored,
        writing: { id: input.id, actor: ctx.actor, now: ctx.now(), before },
      });
      const { refusals, notes } = values;
      const version = input.version ?? before?.version;
      const write = { ...input, ...kept, version, refusals };
      return { type, notes, write, statement: saveStatement(ctx, schema, type, write, values) };
    },
    run: (plan) =>
      plan
        ? runOnceMoreWhenTaken(ctx, plan.statement)
        : readFound(ctx, { type: input.type, ids: [input.id] }),
    read({ results }, schema, plan): SaveOutcome | { before: Before } {
      if (plan) {
        const done = readOutcome(ctx, schema, plan.type, plan.write, results[0]![0]!);
        return { ...done, notes: [...plan.notes, ...done.notes] };
      }
      return { before: foundIn(results[0]!).get(input.id) ?? null };
    },
  });
}

/** A lost race for a unique value shows as 23505; the second run finds who holds it and says so. */
export async function runOnceMoreWhenTaken(ctx: Context, statement: SQL) {
  try {
    return await ctx.db.run([statement], { write: true });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "CONFLICT") throw error;
    return ctx.db.run([statement], { write: true });
  }
}

/** One statement that saves an entry: see `readOutcome` for its columns. */
export function saveStatement(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  input: Save,
  values: EntryValues,
  must?: Must,
): SQL {
  const made = madeSlugs(ctx, type, input.id, values);
  const guard = guardSave(ctx, schema, type, input, values, dataAfter(input, values, made));
  const tree = treeCte(ctx, type, input.id, values.shared);
  const why = [
    sql`(select version from before)`,
    sql`(select type from before)`,
    sql`(select list from taken)`,
    sql`(select list from missing)`,
    sql`(select id::text from event_row)`,
    tree ? sql`(select refusal from tree)` : sql`null::jsonb`,
    uncheckedRefs(ctx, values),
    ...guard.why,
  ];
  const isUnchanged =
    input.mode === "put"
      ? sql`(saved.data = ${dataAfter(input, values, made)}
        and ${input.version ?? null}::int is not distinct
        from coalesce(${input.version ?? null}::int, saved.version)
        and ${versionMeets(input.precondition, sql`saved.version`)})`
      : input.unlessSame === undefined
        ? sql`false`
        : sql`(${isSame(input, values, "saved")} and ${isExpected(input, "saved")})`;
  const isShown = input.mode === "put" || input.unlessSame !== undefined;
  // Of what is changed the guard sees the slugs that are made, already where it is looked for.
  return sql`with ${schemaGuard(ctx, schema.version)},
    ${made?.ctes ?? sql``}
    before as (select version, type from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id}${guard.seen}),
    ${guard.verdict}
    ${checks(ctx, input.id, type.id, values, input.leftOut !== undefined, {
      made: made?.rows,
      isHidden: hiddenParent(ctx, schema, type),
    })},${tree ? sql` ${tree},` : sql``}
    ${allowedUnless(values.refusals.length > 0, tree !== undefined)},
    ${saved(ctx, type, input, values, { guard, made })},
    ${
      input.reusesId
        ? sql`untrashed as (delete from trash using saved where ${inEnvironment(ctx, "trash")}
      and trash.id = saved.id),`
        : sql``
    }
    ${keepVersion(ctx)}, ${writeDraftRows(ctx, type.id, values, input.mode)},
    ${record(ctx, {
      event: input.mode === "create" ? "entry.created" : "entry.updated",
      from: sql`saved`,
      subject: sql`'entry:' || saved.id`,
      payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version)`,
      meta: input.leftOut
        ? sql`jsonb_build_object('version', saved.version, 'left_out', ${JSON.stringify(input.leftOut)}::jsonb)`
        : sql`jsonb_build_object('version', saved.version)`,
    })}
    select ${sql.join(why, sql`, `)}, ${savedColumns(ctx, schema, { types: [type], locale: input.locale })}
      ${mustHold(must, sql`((select id from event_row) is not null or coalesce(${isUnchanged}, false))${guard.upheld}`, why)}
    from (select 1) one left join ${
      isShown
        ? sql`(select * from saved union all select entry.* from entries entry
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.type = ${type.id}
      and not exists (select 1 from saved))`
        : sql``
    } saved on true`;
}

/** Of a reference to a parent that the actor may not see. */
function hiddenParent(ctx: Context, schema: EnvironmentSchema, type: CompiledType): SQL | undefined {
  const { parent } = type.definition;
  const access = parent === undefined ? undefined : accessOf(ctx, schema);
  return access && sql`(new_ref.f = ${parent} and not ${seenSql(access, "target", [type])})`;
}

/** The saved entry, the outcome and what could not be checked; throws the reason why it was not saved. */
export function readOutcome(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  input: Save,
  row: Row,
): SaveOutcome {
  const [versionBefore, typeBefore, taken, missing, outboxId, tree, unchecked, ...rest] = row;
  const { isRefused, columns } = readVerdict(ctx, rest);
  const present = () => presentSaved(ctx, schema, type, columns, input.locale);
  if (outboxId !== null) {
    ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
    const outcome = versionBefore === null ? "created" : "updated";
    return { entry: present(), outcome, notes: uncheckedNotes(unchecked as Unchecked[] | null) };
  }
  const name = input.name ?? input.id;
  const isThere = versionBefore !== null && typeBefore === type.id;
  if (isRefused && input.mode === "patch" && !isThere) throw noSuchEntry(type.id, name);
  if (isRefused) throw notGranted("content:write", `the ${type.id} ${name}`);
  if (input.refusals?.length) throw rulesBroken(type.id, input.refusals);
  if (taken !== null) throw notUnique(taken as Taken[], type, !seesEverything(ctx.actor.grants));
  if (missing !== null) throw brokenReferences(missing as Missing[]);
  if (tree !== null) throw outOfTree(type.definition.parent!, tree as TreeRefusal);
  const isNew = versionBefore === null && typeBefore === null;
  if (type.definition.singleton && isNew && input.mode !== "patch" && (input.version ?? null) === null)
    throw singletonTaken(type.id);
  if (input.mode === "create") {
    throw new AppError("CONFLICT", "content/id-taken", `An entry with the id ${input.id} exists already.`, {
      details: [{ path: "id", message: "is taken" }],
    });
  }
  // A patch of what is not there is not found; a put that lost the race to be first found nothing
  // there either.
  if (isThere || (input.mode === "put" && typeBefore === null)) {
    requireMet(input.precondition, versionBefore as number | null);
    if (!isThere && input.precondition?.not === "any") throw preconditionFailed(null);
  }
  if (
    (input.mode === "put" || input.unlessSame !== undefined) &&
    versionBefore !== null &&
    typeBefore === type.id &&
    (input.version ?? versionBefore) === versionBefore
  ) {
    // Of a statement that failed there is no more: it saw another value than the one that was there.
    if (columns.length === 0) throw changedMeanwhile();
    return { entry: present(), outcome: "unchanged", notes: [] };
  }
  if (versionBefore === null || typeBefore !== type.id) throw noSuchEntry(type.id, name);
  throw versionConflict(versionBefore as number, input.version);
}
