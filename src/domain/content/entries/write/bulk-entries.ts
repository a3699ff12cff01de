import type { SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { newId } from "../../../../core/ids.ts";
import { requirePermission, type Permission } from "../../../../core/permissions.ts";
import { expectationDetail } from "../../../../db/errors.ts";
import {
  lockEnvironment,
  newWorkCount,
  typeOf,
  withSchema,
  type WorkCount,
  type EnvironmentSchema,
} from "../../types/index.ts";
import { deleteStatement, readDeleted } from "./delete-entry.ts";
import { changedMeanwhile, foundIn, overBefore, readFound, type Found } from "./over-before.ts";
import {
  lockSlugs,
  needsBefore,
  readEntryValues,
  splitBody,
  wholeAfter,
  type FailedStatement,
  type Must,
  type SlugLock,
} from "../model/index.ts";
import { publishStatement, readPublished, ruledBy } from "./publish-entry.ts";
import type { OnReference } from "./reference-edits.ts";
import { readSources } from "./read-sources.ts";
import { besideOf, readOutcome, saveStatement } from "./save-entry.ts";
import type { BulkAnswer, BulkInput, BulkItem, BulkOperation } from "../schemas.ts";
import { readUnpublished, unpublishStatement } from "./withdraw-entry.ts";

type Planned = {
  index: number;
  id: string;
  statement: SQL;
  read(row: Row): Pick<BulkItem, "outcome" | "entry" | "cancelled_schedules" | "notes">;
};
type Values = Record<string, unknown>;
type Failed = { index: number; id: string; error: AppError };

/** How many notes all operations of one bulk have. */
const MAX_NOTES = 1000;

const PERMISSIONS: Record<BulkOperation["op"], Permission> = {
  create: "content:write",
  put: "content:write",
  update: "content:write",
  delete: "content:delete",
  publish: "content:publish",
  unpublish: "content:publish",
};

/**
 * Does up to 500 operations in one round trip and one transaction, in their order. `atomic` (the
 * default): all or none, and the first that fails is the error, with its index. Otherwise each item
 * says what became of it.
 */
export async function bulkEntries(ctx: Context, input: BulkInput): Promise<BulkAnswer> {
  const { operations } = input;
  for (const { op } of operations) requirePermission(ctx, PERMISSIONS[op]);
  const ids = operations.map((one) => one.id ?? newId("cnt", ctx.now().getTime()));
  const sources = await readSources(ctx, changesIn(operations));
  const isRetried = operations.every(({ version }) => version === undefined);
  return overBefore<Known, BulkAnswer>(isRetried, (before) => bulkOver(ctx, input, { ids, sources }, before));
}

/** Entries as they are at a place in the bulk; without a version where it is not known. */
type Known = Map<string, Omit<Found, "version"> & { version: number | undefined }>;

const modeOf = (op: "create" | "put" | "update") => (op === "update" ? ("patch" as const) : op);
const fieldsOf = ({ fields }: { fields: unknown }) => Object(fields) as Record<string, unknown>;

/** Whether rules have to be asked of entries as they are. */
const asksRules = (schema: EnvironmentSchema, operations: BulkOperation[]): boolean =>
  operations.some((one) => {
    if (one.op === "publish") return (schema.ruled ?? []).length > 0;
    if (one.op !== "update" && one.op !== "put") return false;
    const type = schema.types.get(one.type);
    return type !== undefined && needsBefore(type, modeOf(one.op), fieldsOf(one));
  });

function bulkOver(
  ctx: Context,
  { atomic: isAtomic, operations }: BulkInput,
  { ids, sources }: { ids: string[]; sources: ReadonlyMap<string, Values> },
  before: Known | undefined,
): Promise<BulkAnswer | { before: Known }> {
  return withSchema(ctx, {
    plan: (schema) =>
      before || !asksRules(schema, operations)
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
      if ("failed" in done) return explain(ctx, planned, done.failed);
      return { ...done, results: done.results.slice(locks.length) };
    },
    read: ({ results }, _schema, plan): BulkAnswer | { before: Known } =>
      plan ? answer(isAtomic, plan.planned, plan.failed, results) : { before: foundIn(results[0]!) },
  });
}

const changesIn = (operations: BulkOperation[]) =>
  operations.flatMap((one) =>
    one.op === "update" && one.id !== undefined
      ? [{ type: one.type, id: one.id, fields: Object(one.fields) as Values, locale: one.locale }]
      : [],
  );

function planAll(
  ctx: Context,
  schema: EnvironmentSchema,
  operations: BulkOperation[],
  { ids, isAtomic, ...others }: { ids: string[]; isAtomic: boolean } & Pick<Shared, "sources" | "known">,
): { planned: Planned[]; failed: Failed[]; slugs: SlugLock[] } {
  const planned: Planned[] = [];
  const failed: Failed[] = [];
  const slugs: SlugLock[] = [];
  const effort = newWorkCount();
  operations.forEach((operation, index) => {
    try {
      const must = isAtomic ? { index } : undefined;
      planned.push({
        index,
        id: ids[index]!,
        ...planOne(ctx, schema, operation, ids[index]!, { ...others, must, effort, slugs }),
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (isAtomic) throw atIndex(error, index);
      failed.push({ index, id: ids[index]!, error });
    }
  });
  return { planned, failed, slugs };
}

/** What the operations of one request have in common. */
type Shared = {
  must: Must | undefined;
  effort: WorkCount;
  sources: ReadonlyMap<string, Values>;
  /** The entries as they are, where rules ask. */
  known: Known | undefined;
  slugs: SlugLock[];
};

function planOne(
  ctx: Context,
  schema: EnvironmentSchema,
  operation: BulkOperation,
  id: string,
  { must, effort, sources, slugs, known }: Shared,
): Pick<Planned, "statement" | "read"> {
  const { version, locales } = operation;
  switch (operation.op) {
    case "create":
    case "put":
    case "update": {
      const type = typeOf(schema, operation.type);
      const { createdAt, fields } = splitBody(operation.fields);
      const mode = modeOf(operation.op);
      const found = known?.get(id);
      const before = known && (found?.type === type.id ? { ...found, version: found.version ?? 0 } : null);
      const save = {
        mode,
        type: type.id,
        id,
        version: version ?? (needsBefore(type, mode, fields) ? found?.version : undefined),
        createdAt,
        fields,
        locale: operation.locale,
        reusesId: operation.id !== undefined,
      };
      const values = readEntryValues(schema, type, fields, {
        locale: operation.locale,
        allowIncomplete: operation.allow_incomplete ?? false,
        effort,
        stored: sources.get(id),
        isPartial: mode === "patch",
        writing: { id, actor: ctx.actor, now: ctx.now(), before },
      });
      slugs.push(...values.slugs.map(({ f, l, base }) => ({ t: type.id, f, l, base })));
      known?.set(id, {
        ...{ type: type.id, published: found?.published ?? null },
        data: wholeAfter(values, { isPartial: mode === "patch", before }),
        version: mode === "patch" && found?.version !== undefined ? found.version + 1 : undefined,
      });
      const ruled = { ...save, refusals: values.refusals };
      return {
        statement: saveStatement(ctx, schema, type, save, values, must),
        read: (row) => ({ ...readOutcome(ctx, schema, type, ruled, row), ...besideOf(values.notes) }),
      };
    }
    case "publish": {
      const found = known?.get(id);
      const plain = { id, version, locales, publishedAt: operation.published_at };
      const publish = { ...plain, ruled: found && ruledBy(ctx, schema, plain, found, effort) };
      return {
        statement: publishStatement(ctx, schema, publish, must),
        read(row) {
          const entry = readPublished(ctx, schema, publish, row);
          if ("before" in entry) throw changedMeanwhile();
          return { outcome: "published", entry };
        },
      };
    }
    case "unpublish": {
      const unpublish = { id, version, locales, onReference: keptReferences(operation) };
      return {
        statement: unpublishStatement(ctx, schema, unpublish, must),
        read(row) {
          const { entry, cancelled } = readUnpublished(ctx, schema, unpublish, row);
          return {
            outcome: "unpublished",
            entry,
            ...(cancelled.length > 0 ? { cancelled_schedules: cancelled } : {}),
          };
        },
      };
    }
    case "delete": {
      const remove = {
        type: typeOf(schema, operation.type).id,
        id,
        version,
        onReference: keptReferences(operation),
      };
      return {
        statement: deleteStatement(ctx, remove, must, schema.version, schema),
        read(row) {
          readDeleted(ctx, remove, row);
          return { outcome: "deleted" };
        },
      };
    }
  }
}

const keptReferences = (operation: { on_reference?: "keep" | undefined }): OnReference | undefined =>
  operation.on_reference && { kind: operation.on_reference };

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
      const detail = expectationDetail(error);
      if (detail) return { failed: JSON.parse(detail) as FailedStatement };
      if (attempt === 2 || !(error instanceof AppError) || error.code !== "CONFLICT") throw error;
    }
  }
}

/**
 * Reads the failing statement's columns as if it had been alone, and throws what they say. A stale
 * schema is tried again.
 */
async function explain(ctx: Context, planned: Planned[], failed: FailedStatement): Promise<Done> {
  const { schemaVersion } = await ctx.db.run([]);
  const one = planned.find(({ index }) => index === failed.index)!;
  return {
    schemaVersion,
    get results(): Row[][] {
      try {
        one.read(failed.row);
      } catch (error) {
        throw error instanceof AppError ? atIndex(error, failed.index) : error;
      }
      throw changedMeanwhile();
    },
  };
}

function answer(isAtomic: boolean, planned: Planned[], failed: Failed[], results: Row[][]): BulkAnswer {
  const items: BulkItem[] = planned.map(({ index, id, read }, i) => {
    try {
      return { index, id, ...read(results[i]![0]!) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return failedItem({ index, id, error });
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

function atIndex(error: AppError, index: number): AppError {
  const path = `operations[${index}]`;
  const details = error.details.length > 0 ? error.details : [{ path: "", message: error.message }];
  return new AppError(error.code, error.reason, `${path}: ${error.message}`, {
    status: error.status,
    details: details.map((one) => ({ ...one, path: one.path ? `${path}.${one.path}` : path })),
  });
}
