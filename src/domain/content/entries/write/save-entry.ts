import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError, invalid, type ErrorDetail } from "../../../../core/errors.ts";
import { isId, newId } from "../../../../core/ids.ts";
import { seesEverything } from "../../../../core/grants.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { preconditionFailed, requireMet, type Precondition } from "../../../../core/preconditions.ts";
import { mayBeNew, versionMeets } from "../../../../db/precondition-sql.ts";
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
  wholeData,
  writeDraftRows,
  type Before,
  type EntryValues,
  type MadeSlugs,
  type Must,
} from "../model/index.ts";
import { notGranted } from "../../grants/index.ts";
import { brokenReferences, type Missing } from "./broken-references.ts";
import type { LeftOut } from "../schemas.ts";
import { readSources } from "./read-sources.ts";
import { guardSave, readVerdict, type WriteGuard } from "./guard-writes.ts";
import { ENTRY_COLUMNS, presentEntry } from "../read/index.ts";
import type { WorkingCopy } from "../schemas.ts";
import {
  noSuchEntry,
  notUnique,
  rulesBroken,
  singletonTaken,
  versionConflict,
  type Taken,
} from "../refusals.ts";
import { foundIn, overBefore, readFound } from "./over-before.ts";
import { idOf } from "./only-entry.ts";

/** How a write is meant. `locale` is where values of localised fields go; `*` takes them by locale. */
export type SaveOptions = { type: string; locale?: string | undefined; allowIncomplete?: boolean };
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

export type Save = SaveOptions & {
  mode: "create" | "patch" | "put";
  id: string;
  /** What the caller names the entry by, when that is not its id, which they may not be allowed to know. */
  name?: string;
  version?: number | undefined;
  precondition?: Precondition | undefined;
  createdAt?: string | undefined;
  fields: Record<string, unknown>;
  /**
   * Whether the id may have been an entry's before: its versions go on where they stopped, and it
   * leaves the trash.
   */
  reusesId?: boolean;
  /** Whether this is what the trash has under the id, read whole. */
  isRestored?: boolean;
  /**
   * What of it was left out, when it is stored data that is saved again; what it refers to must all be
   * there then.
   */
  leftOut?: LeftOut[];
  /** What the rules of the type forbid. */
  refusals?: ErrorDetail[];
};

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
      if (before === undefined && needsBefore(type, input.mode, input.fields)) return undefined;
      const values = readEntryValues(schema, type, input.fields, {
        locale: input.locale,
        allowIncomplete: input.allowIncomplete ?? false,
        isPartial: input.mode === "patch",
        stored,
        writing: { id: input.id, actor: ctx.actor, now: ctx.now(), before },
      });
      const { refusals, notes } = values;
      const write = { ...input, version: input.version ?? before?.version, refusals };
      return { type, notes, write, statement: saveStatement(ctx, schema, type, write, values) };
    },
    run: (plan) =>
      plan
        ? runOnceMoreWhenTaken(ctx, plan.statement)
        : readFound(ctx, { type: input.type, ids: [input.id] }),
    read({ results }, schema, plan): SaveOutcome | { before: Before } {
      if (plan)
        return { ...readOutcome(ctx, schema, plan.type, plan.write, results[0]![0]!), notes: plan.notes };
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
  const why = [
    sql`(select version from before)`,
    sql`(select type from before)`,
    sql`(select list from taken)`,
    sql`(select list from missing)`,
    sql`(select id::text from event_row)`,
    ...guard.why,
  ];
  const isUnchanged =
    input.mode === "put"
      ? sql`(saved.data = ${dataAfter(input, values, made)}
        and ${input.version ?? null}::int is not distinct
        from coalesce(${input.version ?? null}::int, saved.version)
        and ${versionMeets(input.precondition, sql`saved.version`)})`
      : sql`false`;
  return sql`with ${schemaGuard(ctx, schema.version)},
    before as (select version, type from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id}${guard.seen}),
    ${made?.ctes ?? sql``}
    ${guard.verdict}
    ${checks(ctx, input.id, type.id, values, input.leftOut !== undefined, made?.rows)},
    ${allowedUnless(values.refusals.length > 0)},
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
    select ${sql.join(why, sql`, `)}, ${ENTRY_COLUMNS}
      ${mustHold(must, sql`((select id from event_row) is not null or coalesce(${isUnchanged}, false))${guard.upheld}`, why)}
    from (select 1) one left join ${
      input.mode === "put"
        ? sql`(select * from saved union all select entry.* from entries entry
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.type = ${type.id}
      and not exists (select 1 from saved))`
        : sql``
    } saved on true`;
}

/** The data to come; of a patch what is not localised, over the row `entry`. */
function dataAfter(input: Save, values: EntryValues, made: MadeSlugs | undefined): SQL {
  const data = JSON.stringify(input.mode === "patch" ? values.shared : wholeData(values));
  const given = input.mode === "patch" ? sql`(entry.data || ${data}::jsonb)` : sql`${data}::jsonb`;
  return made ? made.within(given) : given;
}

/** CTE `saved`: the entry as written, or no row. */
function saved(
  ctx: Context,
  type: CompiledType,
  input: Save,
  values: EntryValues,
  { guard, made }: { guard: WriteGuard; made: MadeSlugs | undefined },
): SQL {
  const data = dataAfter(input, values, made);
  const marked = made ? sql`made_slugs = ${made.marks}, ` : sql``;
  const firstVersion = input.reusesId
    ? sql`coalesce((select max(kept.version) from entry_versions kept where ${inEnvironment(ctx, "kept")}
      and kept.entry_id = ${input.id}), 0) + 1`
    : sql`1`;
  // What was deleted stays its maker's.
  const maker = input.reusesId
    ? sql`coalesce((select made.created_by from trash made where ${inEnvironment(ctx, "made")}
      and made.id = ${input.id}), ${ctx.actor.id}::text)`
    : sql`${ctx.actor.id}`;
  const insert = sql`insert into entries as entry (tenant_id, environment_id, id, type, version, data,
    created_at, created_by, updated_by, is_single${made ? sql`, made_slugs` : sql``})
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${input.id}, ${type.id}, ${firstVersion},
      ${data},
      coalesce(${input.createdAt ?? null}::timestamptz, now()), ${maker}, ${ctx.actor.id},
      ${type.definition.singleton ? sql`true` : sql`null::boolean`}${made ? sql`, ${made.marks}` : sql``}
    from allowed where not exists (select 1 from before)${guard.grantedNew}`;
  const isExpected = sql`(${input.version ?? null}::int is null
    or entry.version = ${input.version ?? null}::int)
    and ${versionMeets(input.precondition, sql`entry.version`)}`;
  const reviewed = type.definition.review?.publish_from;
  // A change after the review requires a new review.
  const stage = reviewed
    ? sql`stage = case when entry.stage in ${reviewed} then null else entry.stage end,`
    : sql``;
  if (input.mode === "create") return sql`saved as (${insert} on conflict do nothing returning *)`;
  if (input.mode === "put") {
    return sql`inserted as (${insert} and ${input.version ?? null}::int is null
      and ${mayBeNew(input.precondition)} on conflict do nothing returning *),
      updated as (update entries entry set data = ${data}, ${marked}${stage} version = entry.version + 1,
        updated_at = now(), updated_by = ${ctx.actor.id}
        from allowed where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id}
        and entry.type = ${type.id}
          and ${isExpected} and entry.data is distinct from ${data}${guard.granted}
          returning entry.*),
      saved as (select * from inserted union all select * from updated)`;
  }
  const given = sql`entry.data || ${JSON.stringify(values.shared)}::jsonb || coalesce((select jsonb_object_agg(given.key,
    coalesce(entry.data -> given.key, '{}') || given.value)
    from jsonb_each(${JSON.stringify(values.localized)}::jsonb) given), '{}')`;
  const merged = made ? made.within(given) : given;
  return sql`saved as (update entries entry
    set data = ${merged}, ${marked}${stage} version = entry.version + 1, updated_at = now(),
      updated_by = ${ctx.actor.id}
    from allowed where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.type = ${type.id}
    and ${isExpected}${guard.granted}
    returning entry.*)`;
}

/** The saved entry and the outcome; throws the reason why it was not saved. */
export function readOutcome(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  input: Save,
  row: Row,
): Omit<SaveOutcome, "notes"> {
  const [versionBefore, typeBefore, taken, missing, outboxId, ...rest] = row;
  const { isRefused, columns } = readVerdict(ctx, rest);
  const present = () => presentEntry(ctx, schema, type, columns, input.locale ?? schema.defaultLocale);
  if (outboxId !== null) {
    ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
    return { entry: present(), outcome: versionBefore === null ? "created" : "updated" };
  }
  const name = input.name ?? input.id;
  const isThere = versionBefore !== null && typeBefore === type.id;
  if (isRefused && input.mode === "patch" && !isThere) throw noSuchEntry(type.id, name);
  if (isRefused) throw notGranted("content:write", `the ${type.id} ${name}`);
  if (input.refusals?.length) throw rulesBroken(type.id, input.refusals);
  if (taken !== null) throw notUnique(taken as Taken[], type, !seesEverything(ctx.actor.grants));
  if (missing !== null) throw brokenReferences(missing as Missing[]);
  const isNew = versionBefore === null && typeBefore === null;
  if (type.definition.singleton && isNew && input.mode !== "patch" && (input.version ?? null) === null)
    throw singletonTaken(type.id);
  if (input.mode === "create") {
    throw new AppError("CONFLICT", "content/id-taken", `An entry with the id ${input.id} exists already.`);
  }
  // A patch of what is not there is not found; a put that lost the race to be first found nothing
  // there either.
  if (isThere || (input.mode === "put" && typeBefore === null)) {
    requireMet(input.precondition, versionBefore as number | null);
    if (!isThere && input.precondition?.not === "any") throw preconditionFailed(null);
  }
  if (
    input.mode === "put" &&
    versionBefore !== null &&
    typeBefore === type.id &&
    (input.version ?? versionBefore) === versionBefore
  ) {
    return { entry: present(), outcome: "unchanged" };
  }
  if (versionBefore === null || typeBefore !== type.id) throw noSuchEntry(type.id, name);
  throw versionConflict(versionBefore as number, input.version);
}
