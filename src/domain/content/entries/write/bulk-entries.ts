import type { Context, Row } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { newId } from "../../../../core/ids.ts";
import { requirePermission, type Permission } from "../../../../core/permissions.ts";
import { lockEnvironment, withSchema } from "../../types/index.ts";
import { lockSlugs, type FailedStatement } from "../model/index.ts";
import { ONLY_ENTRY } from "../read/index.ts";
import type { BulkAnswer, BulkInput, BulkItem, BulkOperation } from "../bulk-schemas.ts";
import {
  asksBefore,
  atIndex,
  planAll,
  type Failed,
  type Known,
  type Planned,
  type Values,
} from "./bulk-plan.ts";
import { afterFailure, failedStatement } from "./failed-statement.ts";
import { onlyEntries } from "./only-entry.ts";
import { changedMeanwhile, foundIn, overBefore, readFound } from "./over-before.ts";
import { readSources } from "./read-sources.ts";

/** How many notes all operations of one bulk have. */
const MAX_NOTES = 1000;

const PERMISSIONS: Record<BulkOperation["op"], Permission> = {
  create: "content:write",
  put: "content:write",
  update: "content:write",
  delete: "content:delete",
  publish: "content:publish",
  unpublish: "content:publish",
  move: "content:write",
};

/**
 * Does up to 500 operations in one round trip and one transaction, in their order. `atomic` (the
 * default): all or none, and the first that fails is the error, with its index. Otherwise each item
 * says what became of it.
 */
export async function bulkEntries(ctx: Context, input: BulkInput): Promise<BulkAnswer> {
  const { operations } = input;
  for (const { op } of operations) requirePermission(ctx, PERMISSIONS[op]);
  const ids = await idsOf(ctx, operations);
  const sources = await readSources(ctx, changesIn(operations, ids));
  const isRetried = operations.every(({ version }) => version === undefined);
  return overBefore<Known, BulkAnswer>(isRetried, (before) => bulkOver(ctx, input, { ids, sources }, before));
}

/**
 * The id of each operation's entry: a new one where none is given, and where `put` makes the only one of
 * a singleton; `-` where there is none.
 */
async function idsOf(ctx: Context, operations: BulkOperation[]): Promise<string[]> {
  const next = () => newId("cnt", ctx.now().getTime());
  const isOnly = ({ id }: BulkOperation) => id === ONLY_ENTRY;
  const only = await onlyEntries(
    ctx,
    operations.flatMap((one) => (isOnly(one) ? (one.type ?? []) : [])),
  );
  return operations.map((one) => {
    if (!isOnly(one)) return one.id ?? next();
    const id = only.get(one.type!) ?? (one.op === "put" ? next() : ONLY_ENTRY);
    if (one.op === "put") only.set(one.type!, id);
    return id;
  });
}

const changesIn = (operations: BulkOperation[], ids: string[]) =>
  operations.flatMap((one, i) =>
    one.op === "update" && one.id !== undefined
      ? [{ type: one.type, id: ids[i]!, fields: Object(one.fields) as Values, locale: one.locale }]
      : [],
  );

function bulkOver(
  ctx: Context,
  { atomic: isAtomic, operations }: BulkInput,
  { ids, sources }: { ids: string[]; sources: ReadonlyMap<string, Values> },
  before: Known | undefined,
): Promise<BulkAnswer | { before: Known }> {
  return withSchema(ctx, {
    plan: (schema) =>
      before || !asksBefore(ctx, schema, operations)
        ? planAll(ctx, schema, operations, { ids, isAtomic, sources, known: before && new Map(before) })
        : undefined,
    async run(plan) {
      if (!plan) return readFound(ctx, { ids });
      const { planned, slugs } = plan;
      const takesAway = operations.some(({ op }) => op === "delete" || op === "unpublish");
      const statements = planned.map((one) => one.statement);
      if (statements.length === 0)
        return ctx.db.run([]).then((done) => ({ ...done, results: [] as Row[][] }));
      const locks = [...(takesAway ? [lockEnvironment(ctx)] : []), ...lockSlugs(ctx, slugs)];
      const done = await runOnceMore(() =>
        ctx.db.run([...locks, ...statements], takesAway ? {} : { write: true }),
      );
      if ("failed" in done) return afterFailure(ctx, done.failed, (failed) => explain(planned, failed));
      return { ...done, results: done.results.slice(locks.length) };
    },
    read: ({ results }, _schema, plan): BulkAnswer | { before: Known } =>
      plan ? answer(isAtomic, plan.planned, plan.failed, results) : { before: foundIn(results[0]!) },
  });
}

type Done = { schemaVersion: number | null; results: Row[][] };

/**
 * A lost race for a unique value shows as an error of the whole; the second run finds who holds it and
 * says so.
 */
async function runOnceMore(run: () => Promise<Done>): Promise<Done | { failed: FailedStatement }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const failed = failedStatement(error);
      if (failed) return { failed };
      if (attempt === 2 || !(error instanceof AppError) || error.code !== "CONFLICT") throw error;
    }
  }
}

/** Reads the failing statement's columns as if it had been alone, and throws what they say. */
function explain(planned: Planned[], { index, row }: FailedStatement): never {
  const one = planned[index]!;
  try {
    one.read(row);
  } catch (error) {
    throw error instanceof AppError ? atIndex(error, one.index) : error;
  }
  throw changedMeanwhile();
}

function answer(isAtomic: boolean, planned: Planned[], failed: Failed[], results: Row[][]): BulkAnswer {
  const items: BulkItem[] = planned.flatMap(({ index, id, read }, i) => {
    try {
      const done = read(results[i]![0]!);
      return done ? [{ index, id, ...done }] : [];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return [failedItem({ index, id, error })];
    }
  });
  let room = MAX_NOTES;
  for (const item of items) {
    if (!item.notes) continue;
    item.notes = item.notes.slice(0, room);
    room -= item.notes.length;
  }
  items.push(...failed.map(failedItem));
  items.sort((a, b) => a.index - b.index);
  const failures = items.filter((one) => one.outcome === "failed").length;
  return { atomic: isAtomic, succeeded: items.length - failures, failed: failures, items };
}

function failedItem({ index, id, error: { code, reason, message, details } }: Failed): BulkItem {
  return { index, id, outcome: "failed", error: { code, reason, message, details } };
}
