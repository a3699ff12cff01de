import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError, invalid } from "../../../../core/errors.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { requireMet, type Precondition } from "../../../../core/preconditions.ts";
import { versionMeets } from "../../../../db/precondition-sql.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import { accessOf, notGranted } from "../../grants/index.ts";
import { typeOf, withSchema, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";
import {
  mustHold,
  needsBefore,
  readEntryValues,
  schemaGuard,
  type Before,
  type Must,
} from "../model/index.ts";
import { seenSql } from "../query/index.ts";
import { presentSaved, savedColumns } from "../read/index.ts";
import { noSuchEntry, versionConflict } from "../refusals.ts";
import type { PlaceInput, WorkingCopy } from "../schemas.ts";
import { afterFailure, failedStatement } from "./failed-statement.ts";
import { guardEntry, readVerdict, WHOLE } from "./guard-writes.ts";
import { changedMeanwhile, foundIn, overBefore, readFound } from "./over-before.ts";
import { readOutcome, saveStatement } from "./save-entry.ts";
import type { Save } from "./saved-row.ts";

type Place = PlaceInput & { type: string; id: string; precondition?: Precondition | undefined };
type Step = { statement(must?: Must): SQL; read(row: Row): WorkingCopy };

/**
 * Moves an entry: in the manual order of its type before or behind another one, or behind all, and in
 * a tree below another parent. The order is no part of a version: readers of what is published see it at
 * once. The parent is a value like any other, and published like one.
 */
export async function placeEntry(ctx: Context, input: Place): Promise<WorkingCopy> {
  requirePermission(ctx, "content:write");
  try {
    return await placeOver(ctx, input);
  } catch (error) {
    if (!(error instanceof AppError && error.reason === "content/changed-meanwhile")) throw error;
    return placeOver(ctx, input);
  }
}

function placeOver(ctx: Context, input: Place): Promise<WorkingCopy> {
  return overBefore<Before, WorkingCopy>(input.version === undefined, (before) =>
    withSchema(ctx, {
      plan: (schema) => stepsOf(ctx, schema, input, before),
      run: (steps) => (steps ? runSteps(ctx, steps) : readFound(ctx, { type: input.type, ids: [input.id] })),
      read({ results }, _schema, steps): WorkingCopy | { before: Before } {
        if (!steps) return { before: foundIn(results[0]!).get(input.id) ?? null };
        return steps.map((step, i) => step.read(results[i]![0]!)).at(-1)!;
      },
    }),
  );
}

/** What is done one after the other; undefined when rules ask for the entry as it is `before`. */
export function stepsOf(
  ctx: Context,
  schema: EnvironmentSchema,
  input: Place,
  before: Before | undefined,
): Step[] | undefined {
  const type = typeOf(schema, input.type);
  checkPlace(type, input);
  const { parent, ...place } = input;
  if (parent === undefined) return [placed(ctx, schema, type, place)];
  const fields = { [type.definition.parent!]: parent };
  if (before === undefined && needsBefore(type, "patch", fields)) return undefined;
  const adopt = adopted(
    ctx,
    schema,
    type,
    { ...input, version: input.version ?? before?.version },
    fields,
    before,
  );
  if (!type.definition.ordered) return [adopt];
  // The version is that from before the first of the two.
  return [adopt, placed(ctx, schema, type, { ...place, version: undefined, precondition: undefined })];
}

/** All steps in one transaction, or none: then reading the results throws what the one that failed says. */
async function runSteps(ctx: Context, steps: Step[]) {
  const isOne = steps.length === 1;
  try {
    return await ctx.db.run(
      steps.map(({ statement }, index) => statement(isOne ? undefined : { index })),
      { write: true },
    );
  } catch (error) {
    const failed = failedStatement(error);
    if (!failed) throw error;
    return afterFailure(ctx, failed, ({ index, row }) => {
      steps[index]!.read(row);
      throw error;
    });
  }
}

const anchorOf = ({ before, after }: PlaceInput): string | undefined => before ?? after;

function checkPlace({ id, definition }: CompiledType, { before, after, parent, ...input }: Place): void {
  const { ordered, parent: field } = definition;
  if (!ordered && field === undefined)
    throw invalid("content/not-ordered", `Entries of ${id} have no order: the type is not ordered.`);
  const wrong = (path: string, message: string) =>
    invalid("content/bad-move", `${path} ${message}.`, [{ path, message }]);
  if (parent !== undefined && field === undefined) throw wrong("parent", `belongs to trees: ${id} is none`);
  if (!ordered && (before ?? after) !== undefined)
    throw wrong(before === undefined ? "after" : "before", `belongs to ordered types: ${id} is none`);
  if (!ordered && parent === undefined) throw wrong("parent", "is missing");
  if (before !== undefined && after !== undefined)
    throw wrong("after", "cannot be given together with before");
  if ((before ?? after) === input.id)
    throw wrong(before === undefined ? "after" : "before", "must be another entry");
}

/** The entry gets another parent, as a new version; nothing where it has that already. */
function adopted(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  { id, version, precondition }: Place,
  fields: Record<string, unknown>,
  before: Before | undefined,
): Step {
  const values = readEntryValues(schema, type, fields, {
    locale: undefined,
    allowIncomplete: true,
    isPartial: true,
    writing: { id, actor: ctx.actor, now: ctx.now(), before },
  });
  const save: Save = {
    ...{ mode: "patch", type: type.id, id, version, precondition, fields },
    unlessSame: type.definition.parent!,
    refusals: values.refusals,
  };
  return {
    statement: (must) => saveStatement(ctx, schema, type, save, values, must),
    read(row) {
      const { entry, outcome } = readOutcome(ctx, schema, type, save, row);
      const field = type.definition.parent!;
      const isElsewhere = Object.hasOwn(entry, field) && entry[field] !== fields[field];
      if (outcome === "unchanged" && isElsewhere) throw changedMeanwhile();
      return entry;
    },
  };
}

/** The entry gets its place in the order: see `readPlaced` for the columns. */
function placed(ctx: Context, schema: EnvironmentSchema, type: CompiledType, input: Place): Step {
  return {
    statement: (must) => placeStatement(ctx, schema, type, input, must),
    read: (row) => readPlaced(ctx, schema, type, input, row),
  };
}

function placeStatement(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  input: Place,
  must: Must | undefined,
): SQL {
  const guard = guardEntry(ctx, schema, "content:write", input.id, WHOLE, { typeId: type.id });
  const access = accessOf(ctx, schema);
  const anchor = anchorOf(input) ?? null;
  const isSeen = access ? sql` and ${seenSql(access, "anchor", [type])}` : sql``;
  const isIt = sql`${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.type = ${type.id}`;
  const { parent } = type.definition;
  const isSibling =
    parent === undefined
      ? sql`true`
      : sql`(anchor.data ->> ${parent}) is not distinct from
        (select entry.data ->> ${parent} from entries entry where ${isIt})`;
  const why = [
    sql`(select id::text from event_row)`,
    sql`(select version from before)`,
    sql`(select is_sibling from beside)`,
    ...guard.why,
  ];
  return sql`with ${schemaGuard(ctx, schema.version)},
    before as (select version from entries entry where ${isIt}${guard.seen}),
    ${guard.verdict}
    beside as (select ${isSibling} as is_sibling from entries anchor where ${inEnvironment(ctx, "anchor")}
      and anchor.id = ${anchor}::text and anchor.type = ${type.id}${isSeen}),
    saved as (update entries entry
      set order_key = cms_place(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${type.id}, ${input.id},
        ${anchor}::text, ${input.before !== undefined}::boolean)
      from schema_ok where ${isIt} and (${anchor}::text is null or (select is_sibling from beside))
        and entry.version = coalesce(${input.version ?? null}::int, entry.version)
        and ${versionMeets(input.precondition, sql`entry.version`)}${guard.granted}
      returning entry.*),
    shown as (update published_entries old set order_key = saved.order_key from saved
      where ${inEnvironment(ctx, "old")} and old.entry_id = saved.id),
    ${record(ctx, {
      event: "entry.placed",
      from: sql`saved`,
      subject: sql`'entry:' || saved.id`,
      payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version)`,
      meta: sql`jsonb_build_object(${input.before === undefined ? "after" : "before"}::text, ${anchor}::text)`,
    })}
    select ${sql.join(why, sql`, `)}, ${savedColumns(ctx, schema, { types: [type] })}
      ${mustHold(must, sql`(select id from event_row) is not null`, why)}
    from (select 1) one left join saved on true`;
}

/** The entry after the move; throws the reason why it was not moved. */
function readPlaced(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  input: Place,
  row: Row,
): WorkingCopy {
  const [outboxId, version, isSibling, ...rest] = row as [
    string | null,
    number | null,
    boolean | null,
    ...unknown[],
  ];
  const { isRefused, columns } = readVerdict(ctx, rest);
  if (outboxId !== null) {
    ctx.outbox.poke(ctx.tenantId, [outboxId]);
    return presentSaved(ctx, schema, type, columns);
  }
  if (version === null) throw noSuchEntry(type.id, input.id);
  if (isRefused) throw notGranted("content:write", `the ${type.id} ${input.id}`);
  const anchor = anchorOf(input);
  if (anchor !== undefined && isSibling !== true) {
    const path = input.before === undefined ? "after" : "before";
    const message = isSibling === null ? `there is no ${type.id} ${anchor}` : `${anchor} has another parent`;
    if (isSibling === null)
      throw invalid("content/broken-reference", `${path}: ${message}.`, [{ path, message }]);
    throw new AppError("CONFLICT", "content/not-sibling", `${path}: ${message}: give that, too.`, {
      details: [{ path, message }],
    });
  }
  if (input.version !== undefined && input.version !== version) throw versionConflict(version, input.version);
  requireMet(input.precondition, version);
  throw changedMeanwhile();
}
