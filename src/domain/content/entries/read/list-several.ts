import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { encodeCursor } from "../../../../core/cursors.ts";
import { tagsOfTypes } from "../../../../core/events.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { PATH, RESERVED_FIELD_IDS, typeOf, withSchema, type CompiledType } from "../../types/index.ts";
import { badQuery, COUNT_CAP, requireAlike, type ListQuery } from "../query/index.ts";
import { LOCALIZATIONS } from "./localizations.ts";
import { planList } from "./plan-list.ts";
import { relativeField } from "./relatives.ts";
import { requireRead, type EntryPage } from "./read-entries.ts";

type Plan = ReturnType<typeof planList>;
type Facts = Omit<EntryPage, "facets" | "highlights" | "distances">;

/**
 * Lists entries of several types in one order and one round trip. What a query is about are fields that
 * all of them have, of one kind; the draft perspective needs `content:read-draft`.
 */
export function listSeveral(ctx: Context, input: { types: string[]; query: ListQuery }): Promise<Facts> {
  requireRead(ctx, input.query.perspective);
  const { types } = input;
  const query = { ...input.query, sort: sortOf(input.query) };
  return withSchema(ctx, {
    plan(schema) {
      const all = types.map((id) => typeOf(schema, id));
      requireAlike(all, query);
      requireKnown(all, query);
      const plans = all.map((type) =>
        planList(ctx, schema, type.id, queryOf(type, query), { isPacked: true }),
      );
      return { plans, statement: mergedSql(plans, query) };
    },
    async run({ plans, statement }) {
      const { options } = plans[0]!;
      const [page, ...counts] = await Promise.all([
        ctx.db.read(statement, options),
        ...plans.map(({ count }) => count && ctx.db.read(count, options)),
      ]);
      return {
        schemaVersion: page.schemaVersion,
        rows: page.rows,
        counts: counts.map((one) => one?.rows[0]?.[0]),
      };
    },
    read({ rows, counts }, _schema, { plans }) {
      const { order } = plans[0]!;
      const found = rows.filter((row) => row[1] !== null);
      const shown = found.slice(0, query.limit);
      if (query.isBackwards) shown.reverse();
      const cursorAt = (at: number) =>
        encodeCursor(order.name, shown[at]!.slice(2, 2 + order.length) as string[]);
      const counted = totalOf(rows[0]?.[0] as Totals | undefined, counts);
      const packed = shown.map((row) => ({
        plan: plans[Number(row[1])]!,
        row: row[2 + order.length] as Row,
      }));
      return {
        items: packed.map(({ plan, row }) => plan.view.item(row)),
        ...counted,
        nextCursor: found.length > query.limit ? cursorAt(query.isBackwards ? 0 : shown.length - 1) : null,
        cursorAt,
        tags: tagsOfTypes(ctx.environmentId, [...types, ...plans.flatMap(({ source }) => [...source.reads])]),
        ...(query.perspective === "draft"
          ? { can: Object.fromEntries(packed.map(({ plan, row }) => [row[0] as string, plan.view.can(row)])) }
          : {}),
      };
    },
  });
}

/** The total of each type, and whether there may be more; null for what is counted apart. */
type Totals = [total: number | null, isLeast: boolean | null][];

function totalOf(totals: Totals | undefined, counts: unknown[]): Pick<EntryPage, "total" | "isTotalCapped"> {
  const each = counts.map((count, i) => Number(count ?? totals?.[i]?.[0] ?? 0));
  const isCapped =
    each.some((one) => one > COUNT_CAP) || (totals ?? []).some(([, isLeast]) => isLeast === true);
  return { total: each.reduce((sum, one) => sum + Math.min(one, COUNT_CAP), 0), isTotalCapped: isCapped };
}

/** The pages of all types as one: which type, the keys of the order, and the packed columns. */
function mergedSql(plans: readonly Plan[], { limit }: ListQuery): SQL {
  const { order } = plans[0]!;
  const raw = (text: string) => sql.raw(text);
  const keys = Array.from({ length: order.length }, (_, i) => `k${i}`);
  const names = ["total", "is_least", ...keys, "packed"].join(", ");
  const ctes = plans.map((plan, i) => sql`${raw(`of${i} (${names})`)} as materialized (${plan.page})`);
  const pages = plans.map(
    (_, i) => sql`select ${raw(String(i))} as place, ${raw(keys.join(", "))}, packed from ${raw(`of${i}`)}
      where ${raw(keys.at(-1)!)} is not null`,
  );
  const totals = plans.map(
    (_, i) => sql`(select jsonb_build_array(max(total), bool_or(is_least)) from ${raw(`of${i}`)})`,
  );
  const typed = order.typed(keys.map((key) => raw(`found.${key}`)));
  return sql`with ${sql.join(ctes, sql`, `)}
    select totals.list, rows.* from (select jsonb_build_array(${sql.join(totals, sql`, `)}) as list) totals
    left join (select found.* from (${sql.join(pages, sql` union all `)}) found
      order by ${order.by(typed)} limit ${raw(String(limit + 1))}) rows on true
    order by ${order.by(order.typed(keys.map((key) => raw(`rows.${key}`))))}`;
}

/** Newest first, also where one of the types has an order that editors made. */
const sortOf = ({ sort, q, perspective }: ListQuery): string[] =>
  sort.length > 0 || q !== undefined ? sort : [perspective === "draft" ? "-updated_at" : "-published_at"];

/** A query as it is about one of the types: without the names of fields that this one lacks. */
function queryOf(type: CompiledType, query: ListQuery): ListQuery {
  return {
    ...query,
    fields: query.fields?.filter((path) => hasName(type, firstStep(path))),
    include: query.include.filter((path) => hasName(type, firstStep(path))),
    options: query.options && new Map([...query.options].filter(([path]) => hasName(type, firstStep(path)))),
  };
}

const firstStep = (path: string): string => path.split(/[.#]/, 1)[0]!;

const hasName = (type: CompiledType, name: string): boolean =>
  type.fields.has(name) ||
  type.backReferences.has(name) ||
  relativeField(type, name) !== undefined ||
  (name === PATH && type.pathParent !== undefined) ||
  name === LOCALIZATIONS ||
  (RESERVED_FIELD_IDS as readonly string[]).includes(name);

/** Throws INVALID for a name in `fields` or `include` that none of the types has. */
function requireKnown(types: readonly CompiledType[], { fields = [], include, options }: ListQuery): void {
  const check = (parameter: string, written: string, name: string) => {
    if (types.some((type) => hasName(type, name))) return;
    const valid = new Set(types.flatMap((type) => [...type.fields.keys()]));
    throw badQuery(
      parameter,
      `names no field of ${types.map(({ id }) => id).join(" or ")}: "${written.slice(0, 64)}".${didYouMean(name, valid)}`,
    );
  };
  for (const path of fields) check("fields", path, firstStep(path));
  for (const path of [...include, ...(options?.keys() ?? [])]) check("include", path, firstStep(path));
}
