import type { SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError, invalid } from "../../../../core/errors.ts";
import {
  newWorkCount,
  typeOf,
  type CompiledType,
  type EnvironmentSchema,
  type WorkCount,
} from "../../types/index.ts";
import {
  needsBefore,
  readEntryValues,
  splitBody,
  wholeAfter,
  type Must,
  type SlugLock,
} from "../model/index.ts";
import { ONLY_ENTRY } from "../read/index.ts";
import { noSuchEntry } from "../refusals.ts";
import type { BulkItem, BulkOperation } from "../bulk-schemas.ts";
import { deleteStatement, readDeleted } from "./delete-entry.ts";
import { asksOfParts, keepParts } from "./keep-parts.ts";
import { requireSingleton } from "./only-entry.ts";
import { changedMeanwhile, type Found } from "./over-before.ts";
import { stepsOf } from "./place-entry.ts";
import { publishStatement, readPublished, ruledBy } from "./publish-entry.ts";
import type { OnReference } from "./reference-edits.ts";
import { besideOf, readOutcome, saveStatement } from "./save-entry.ts";
import { readUnpublished, unpublishStatement } from "./withdraw-entry.ts";

type Done = Pick<BulkItem, "outcome" | "entry" | "cancelled_schedules" | "notes">;
/** A statement, and what its row says; the last one of an operation says what became of it. */
type Step = { statement: SQL; read(row: Row): Done | undefined };
export type Planned = Step & { index: number; id: string };
export type Failed = { index: number; id: string; error: AppError };
export type Values = Record<string, unknown>;

/** Entries as they are at a place in the bulk; without a version where it is not known. */
export type Known = Map<string, Omit<Found, "version"> & { version: number | undefined }>;

/** What the operations of one request have in common. */
type Shared = {
  /** The statement that has to hold, in the order of all. */
  must(step: number): Must | undefined;
  effort: WorkCount;
  sources: ReadonlyMap<string, Values>;
  /** The entries as they are, where rules ask. */
  known: Known | undefined;
  slugs: SlugLock[];
};
type Write = Extract<BulkOperation, { op: "create" | "put" | "update" }>;
type Move = Extract<BulkOperation, { op: "move" }>;

const modeOf = (op: Write["op"]) => (op === "update" ? ("patch" as const) : op);
const fieldsOf = ({ fields }: { fields: unknown }) => Object(fields) as Values;

const needs = (
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  mode: "create" | "put" | "patch",
  fields: Values,
): boolean => needsBefore(type, mode, fields) || asksOfParts(ctx, schema, type, { mode, fields });

/** Whether rules, or grants on parts of fields, have to be asked of entries as they are. */
export const asksBefore = (ctx: Context, schema: EnvironmentSchema, operations: BulkOperation[]): boolean =>
  operations.some((one) => {
    if (one.op === "publish") return (schema.ruled ?? []).length > 0;
    if (one.op !== "update" && one.op !== "put" && one.op !== "move") return false;
    const type = schema.types.get(one.type);
    if (!type) return false;
    if (one.op !== "move") return needs(ctx, schema, type, modeOf(one.op), fieldsOf(one));
    const { parent } = type.definition;
    return (
      one.parent !== undefined && parent !== undefined && needsBefore(type, "patch", { [parent]: one.parent })
    );
  });

/** What is written, in order; of operations that cannot be, why. The first of those is thrown when all must be. */
export function planAll(
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
    const id = ids[index]!;
    const must = (step: number) => (isAtomic ? { index: planned.length + step } : undefined);
    try {
      const steps = planOne(ctx, schema, operation, id, { ...others, must, effort, slugs });
      planned.push(...steps.map((step) => ({ ...step, index, id })));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (isAtomic) throw atIndex(error, index);
      failed.push({ index, id, error });
    }
  });
  return { planned, failed, slugs };
}

function planOne(
  ctx: Context,
  schema: EnvironmentSchema,
  operation: BulkOperation,
  id: string,
  shared: Shared,
): Step[] {
  const { version, locales } = operation;
  const { known, effort } = shared;
  const must = shared.must(0);
  if (operation.id === ONLY_ENTRY) requireOnly(schema, operation, id);
  switch (operation.op) {
    case "create":
    case "put":
    case "update":
      return [planWrite(ctx, schema, operation, id, shared)];
    case "move":
      return planMove(ctx, schema, operation, id, shared);
    case "publish": {
      const found = known?.get(id);
      const plain = { id, version, locales, publishedAt: operation.published_at };
      const publish = { ...plain, ruled: found && ruledBy(ctx, schema, plain, found, effort) };
      const statement = publishStatement(ctx, schema, publish, must);
      const read = (row: Row): Done => {
        const entry = readPublished(ctx, schema, publish, row);
        if ("before" in entry) throw changedMeanwhile();
        return { outcome: "published", entry };
      };
      return [{ statement, read }];
    }
    case "unpublish": {
      const unpublish = { id, version, locales, onReference: keptReferences(operation) };
      const statement = unpublishStatement(ctx, schema, unpublish, must);
      const read = (row: Row): Done => {
        const { entry, cancelled } = readUnpublished(ctx, schema, unpublish, row);
        const beside = cancelled.length > 0 ? { cancelled_schedules: cancelled } : {};
        return { outcome: "unpublished", entry, ...beside };
      };
      return [{ statement, read }];
    }
    case "delete": {
      const { id: type } = typeOf(schema, operation.type);
      const remove = { type, id, version, onReference: keptReferences(operation) };
      const statement = deleteStatement(ctx, remove, must, schema.version, schema);
      const read = (row: Row): Done => (readDeleted(ctx, remove, row), { outcome: "deleted" });
      return [{ statement, read }];
    }
  }
}

/** Throws unless `-` stands for an entry; `id` is what was found or made for it. */
function requireOnly(schema: EnvironmentSchema, { op, type }: BulkOperation, id: string): void {
  if (op === "create")
    throw invalid("content/bad-id", "create makes an entry with an id: use put for the one of a singleton.", [
      { path: "id", message: "cannot be - with create: use put" },
    ]);
  requireSingleton(schema, type!);
  if (id === ONLY_ENTRY) throw noSuchEntry(type!, id);
}

function planWrite(
  ctx: Context,
  schema: EnvironmentSchema,
  operation: Write,
  id: string,
  { must, effort, sources, slugs, known }: Shared,
): Step {
  const type = typeOf(schema, operation.type);
  const { createdAt, fields: given } = splitBody(operation.fields);
  const mode = modeOf(operation.op);
  const found = known?.get(id);
  const before = known && beforeOf(found, type.id);
  const kept = keepParts(ctx, schema, type, { mode, id, fields: given, locale: operation.locale }, before);
  const save = {
    mode,
    type: type.id,
    id,
    version: operation.version ?? (needs(ctx, schema, type, mode, given) ? found?.version : undefined),
    createdAt,
    ...kept,
    locale: operation.locale,
    reusesId: operation.id !== undefined,
  };
  const values = readEntryValues(schema, type, kept.fields, {
    locale: operation.locale,
    allowIncomplete: operation.allow_incomplete ?? false,
    effort,
    stored: sources.get(id),
    isPartial: mode === "patch",
    writing: { id, actor: ctx.actor, now: ctx.now(), before },
  });
  slugs.push(...values.slugs.map(({ f, l, base }) => ({ t: type.id, f, l, base })));
  known?.set(id, {
    ...{ type: type.id, published: found?.published ?? null, facts: found?.facts },
    data: wholeAfter(values, { isPartial: mode === "patch", before }),
    version: mode === "patch" && found?.version !== undefined ? found.version + 1 : undefined,
  });
  const ruled = { ...save, refusals: values.refusals };
  return {
    statement: saveStatement(ctx, schema, type, save, values, must(0)),
    read(row) {
      const { notes, ...done } = readOutcome(ctx, schema, type, ruled, row);
      return { ...done, ...besideOf([...values.notes, ...notes]) };
    },
  };
}

/** An entry as rules have it; null where there is none of the type. */
const beforeOf = (found: ReturnType<Known["get"]>, type: string) =>
  found?.type === type ? { ...found, version: found.version ?? 0 } : null;

/** A move below another parent is a new version, and one in the order of the type beside it. */
function planMove(
  ctx: Context,
  schema: EnvironmentSchema,
  { type, version, before: ahead, after, parent }: Move,
  id: string,
  { must, known }: Shared,
): Step[] {
  const found = known?.get(id);
  const place = { type, id, version, before: ahead, after, parent };
  const steps = stepsOf(ctx, schema, place, known && beforeOf(found, type));
  if (!steps) throw changedMeanwhile();
  const isAlone = must(0) === undefined;
  if (isAlone && steps.length > 1) {
    const message =
      "cannot be given in an ordered type without atomic: update the field of the parent, then move";
    throw invalid("content/bad-move", `parent ${message}.`, [{ path: "parent", message }]);
  }
  const field = typeOf(schema, type).definition.parent;
  if (found && parent !== undefined && field !== undefined) {
    const isSame = (found.data[field] ?? null) === parent;
    const next = found.version === undefined ? undefined : found.version + (isSame ? 0 : 1);
    known!.set(id, { ...found, data: { ...found.data, [field]: parent }, version: next });
  }
  return steps.map(({ statement, read }, i) => ({
    statement: statement(must(i)),
    read(row) {
      const entry = read(row);
      return i === steps.length - 1 ? { outcome: "moved", entry } : undefined;
    },
  }));
}

const keptReferences = (operation: { on_reference?: "keep" | undefined }): OnReference | undefined =>
  operation.on_reference && { kind: operation.on_reference };

/** The error of an operation, whose paths begin with its place. */
export function atIndex(error: AppError, index: number): AppError {
  const path = `operations[${index}]`;
  const details = error.details.length > 0 ? error.details : [{ path: "", message: error.message }];
  return new AppError(error.code, error.reason, `${path}: ${error.message}`, {
    status: error.status,
    details: details.map((one) => ({ ...one, path: one.path ? `${path}.${one.path}` : path })),
  });
}
