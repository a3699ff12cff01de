import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import type { Filter, Operator, Where } from "../../grants/index.ts";
import { backReferenceOf, fieldAt, filterKind, type EnvironmentSchema } from "../../types/index.ts";
import { afford, mostEntries } from "./afford.ts";
import { absenceIn, allOf, leavesFew } from "./drivers.ts";
import { onParts } from "./parts.ts";
import { badQuery, type Source } from "./source.ts";

/** Fields whose value is needed of every entry that matches, and the parameter that names them. */
export type Needed = { fields: readonly string[]; what: keyof typeof VALUE };

/** What a condition costs for each entry that it is tried on, where no index finds what matches. */
const TRIALS: Partial<Record<Operator, number>> = {
  contains: 1,
  starts_with: 1,
  ends_with: 1,
  near: 2,
  box: 2,
  polygon: 3,
};
/** How many conditions are looked at, each once for every type that a reference can point to. */
const MAX_TERMS = 50_000;
/** The cost of a condition that is met by what an index leaves out: every entry is read along an index. */
const LEFT_OUT = 0.5;
/** The cost of a condition whose rows of an index are joined with those of others. */
const JOINED = 0.1;
/** The cost of opening each entry that matches, for a condition or a sort key that no index has. */
const LOOKED_UP = 2;
/** The cost of an indexed condition inside an `or` or a `not`. */
const TRIED_ONE_BY_ONE = 1;
const EXISTS = 1;
/** The cost of going up a tree from an entry. */
const WITHIN = 5;
/** The cost of finding an element that meets several conditions. */
const ELEMENT = 1;
/** The cost of values outside the side tables: the whole document is read. */
const DOCUMENT = 5;
/** A value for each entry to sort by, looked up; to count, group or compute by, read along an index. */
const VALUE = { sort: 1, facets: 0.1, group_by: 0.15, aggregate: 0.15 };

/** The cost of a query per entry, and its most expensive part. */
export type Cost = { trials: number; worst: string };

export const FREE: Cost = { trials: 0, worst: "" };
/** What the queries of a request cost by now, as far as they were planned by one schema. */
const spent = new WeakMap<Context, { schema: EnvironmentSchema; trials: number }>();

/**
 * How often conditions are tried on each entry of a type. Conditions that an index serves cost
 * nothing as long as all of them must hold; one that leaves a single entry makes the rest cheap.
 */
export function costOfFilters(source: Source, where: Where | undefined): Cost {
  if (!where) return FREE;
  const parts = allOf(where);
  if (parts.some((one) => leavesFew(source, one))) return FREE;
  const counted = { ...source, terms: { count: 0 } };
  return sum(
    parts.map((one) => {
      const isLeftOut = absenceIn(source, one) !== undefined;
      const cost = trialsOf(counted, one, true);
      return isLeftOut ? { ...cost, trials: LEFT_OUT } : cost;
    }),
  );
}

/** The cost with that of fields whose values are needed of every entry. */
export function withValues(cost: Cost, needed: Needed | undefined): Cost {
  if (!needed || needed.fields.length === 0) return cost;
  const { fields, what } = needed;
  const trials = cost.trials + fields.length * VALUE[what];
  return { trials, worst: cost.worst || `${what} ${fields[0]}` };
}

function trialsOf(source: Source, where: Where, isAlone: boolean): Cost {
  if (++source.terms.count > MAX_TERMS)
    throw badQuery("filter", "names too much: a reference may point to too many types");
  const parts = onParts(source.type, where);
  if (parts) return trialsOf(source, parts, isAlone);
  switch (where.kind) {
    case "and":
      return sum(where.of.map((one) => trialsOf(source, one, isAlone)));
    case "or":
      return sum(where.of.map((one) => trialsOf(source, one, where.of.length === 1 && isAlone)));
    case "not":
      return trialsOf(source, where.of, false);
    case "reference":
      return trialsOfReference(source, where, isAlone);
    case "element": {
      const inside = trialsOf(source, where.of, false);
      return { trials: ELEMENT + inside.trials, worst: where.path };
    }
    case "filter":
      return { trials: trialsOfFilter(source, where, isAlone), worst: where.path };
  }
}

/** What is asked of the entries that a field refers to, by whichever of their types costs most. */
function trialsOfReference(source: Source, where: Where & { kind: "reference" }, isAlone: boolean): Cost {
  const { types } = source.schema;
  const link = backReferenceOf(source.schema, source.type, where.field);
  const field = link ? undefined : fieldAt(source.type, where.field);
  // What is no field is refused when the condition is written.
  if (!link && field?.type !== "reference") return FREE;
  const ids = link ? [link.type.id] : (field!.to ?? types.keys());
  return [...ids].reduce<Cost>((most, id) => {
    const type = types.get(id);
    const cost = type ? trialsIn({ ...source, type }, where.of, isAlone) : FREE;
    return cost.trials > most.trials ? cost : most;
  }, FREE);
}

/** Nothing where a type lacks what is named: it is passed over. */
function trialsIn(target: Source, where: Where, isAlone: boolean): Cost {
  try {
    return trialsOf(target, where, isAlone);
  } catch (error) {
    if (target.terms.count > MAX_TERMS) throw error;
    return FREE;
  }
}

function trialsOfFilter(source: Source, filter: Filter, isAlone: boolean): number {
  const { operator, value } = filter;
  const field = fieldAt(source.type, filter.field);
  if (!field && source.type.backReferences.has(filter.field)) return TRIED_ONE_BY_ONE;
  const asksPresence = operator === "exists" || operator === "null";
  if (field?.inner && asksPresence) return EXISTS;
  if (field && filterKind(field) === "none") return DOCUMENT;
  if (field?.multiple && asksPresence) return DOCUMENT;
  const isAbsence = (operator === "exists") === (String(value) === "false");
  const own = asksPresence
    ? isAbsence || !isAlone
      ? EXISTS
      : 0
    : operator === "ne" || operator === "nin"
      ? TRIED_ONE_BY_ONE
      : operator === "within"
        ? isAlone
          ? 0
          : WITHIN
        : (TRIALS[operator] ?? (isAlone ? 0 : TRIED_ONE_BY_ONE));
  return field?.localized ? own * source.chain.length : own;
}

function sum(costs: Cost[]): Cost {
  const trials = costs.reduce((total, one) => total + one.trials, 0);
  const worst = costs.reduce((most, one) => (one.trials > most.trials ? one : most), FREE).worst;
  return { trials, worst };
}

/**
 * ` and …`: refuses to gather all that some conditions find by indexes where that costs too much. It
 * costs by the entries of the type, or by the rows of `drivers` where one of them has fewer.
 */
export function gatherable(
  source: Source,
  cost: Cost,
  { drivers, isLookedUp }: { drivers: readonly SQL[]; isLookedUp: boolean },
): SQL {
  const worst = cost.worst || "filter";
  const isMostlyLookedUp = isLookedUp && cost.trials < LOOKED_UP;
  const tried = isMostlyLookedUp ? afford(source, { trials: LOOKED_UP, worst }) : affordable(source, cost);
  const joins = drivers.length > 1 ? afford(source, { trials: drivers.length * JOINED, worst }) : sql``;
  const trials = Math.max(cost.trials, isLookedUp ? LOOKED_UP : 0);
  if (trials === 0 || drivers.length === 0) return sql`${tried}${joins}`;
  const most = sql.raw(String(mostEntries(trials)));
  const areFew = drivers.map(
    (rows) =>
      sql`when (select count(*) from (select 1 from (${rows}) hit limit ${most} + 1) counted) <= ${most} then true`,
  );
  return sql` and case ${sql.join(areFew, sql` `)} else true${tried} end${joins}`;
}

/**
 * A condition that is true, or refuses the query when the type has so many entries that it costs too
 * much: decided in the statement itself, before any entry is looked at. The queries of one request
 * share what it may cost.
 */
export function affordable(source: Source, cost: Cost): SQL {
  if (cost.trials === 0) return sql``;
  const { ctx, schema } = source;
  const before = spent.get(ctx);
  const trials = cost.trials + (before?.schema === schema ? before.trials : 0);
  spent.set(ctx, { schema, trials });
  return afford(source, { ...cost, trials });
}
