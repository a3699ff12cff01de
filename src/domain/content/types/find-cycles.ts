import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { ErrorDetail } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { isParentOf } from "./check-definition.ts";
import type { Step } from "./renames.ts";
import { MAX_TREE_LEVELS, type ResolvedType } from "./schemas.ts";

const MOST = 1000;
const PERSPECTIVES = ["draft", "published"] as const;

type TypeStep = { before: ResolvedType; after: ResolvedType; steps: readonly Step[]; storedAs: string };

/** Whether the entries of a type become a tree that they were not before. */
export const becomesTree = ({ before, after }: Pick<TypeStep, "before" | "after">): boolean =>
  after.parent !== undefined && after.parent !== before.parent;

/** What keeps the entries of a type from being a tree: circles, and levels beyond those that a tree has. */
export async function findCycles(
  ctx: Context,
  { before, after, steps, storedAs }: TypeStep,
): Promise<ErrorDetail[]> {
  const field = before.fields.find(({ id }) => id === after.parent);
  if (!field) return [];
  const moves = steps.flatMap((step) => ("moves" in step && step.at.length === 0 ? step.moves : []));
  const isRelocated = steps.some((step) => "unlocalize" in step && step.unlocalize === field.id);
  const [id, ...inside] = moves.find(({ to }) => to.join() === field.id)?.from ?? [field.id];
  if (isRelocated || inside.length > 0 || !isParentOf(after.id, { ...field, to: [after.id] })) {
    const message = `is of another kind by now: change ${field.id} first, and then make a tree`;
    return [{ path: "parent", message }];
  }
  const found = await Promise.all(
    PERSPECTIVES.map((perspective) => cyclesIn(ctx, storedAs, id!, perspective)),
  );
  return found.flat();
}

async function cyclesIn(
  ctx: Context,
  type: string,
  field: string,
  perspective: (typeof PERSPECTIVES)[number],
): Promise<ErrorDetail[]> {
  const of = (alias: string) => sql`${inEnvironment(ctx, alias)} and ${sql.raw(alias)}.type = ${type}
    and ${sql.raw(alias)}.perspective = ${sql.raw(String(PERSPECTIVES.indexOf(perspective)))}
    and ${sql.raw(alias)}.field = ${field} and ${sql.raw(alias)}.locale = '' and ${sql.raw(alias)}.ordinal = 0`;
  const most = sql.raw(String(MAX_TREE_LEVELS));
  // From the roots down: what is not reached hangs on a circle.
  const { rows } = await ctx.db.read(
    sql`with recursive reached (id, level) as (
      select ref.entry_id, 2 from entry_refs ref where ${of("ref")}
        and not exists (select 1 from entry_refs up where ${of("up")} and up.entry_id = ref.target_id)
      union all
      select ref.entry_id, reached.level + 1 from reached
        join entry_refs ref on ref.target_id = reached.id and ${of("ref")} where reached.level <= ${most})
    select ref.entry_id, ref.target_id, reached.level from entry_refs ref left join reached on reached.id = ref.entry_id
      where ${of("ref")} and (reached.id is null or reached.level > ${most})
      order by reached.level, ref.entry_id limit ${sql.raw(String(MOST))}`,
    { kind: "rebuild" },
  );
  const detail = (entry: string, message: string): ErrorDetail => ({
    path: field,
    message: `${message} (${entry}${perspective === "published" ? ", published" : ""})`,
    entry,
    perspective,
  });
  const deep = rows.find(([, , level]) => level !== null);
  if (deep) return [detail(deep[0] as string, `makes more than ${MAX_TREE_LEVELS} levels`)];
  return circlesOf(new Map(rows as [string, string][])).map((circle) =>
    detail(circle[0]!, `leads in a circle: ${[...circle, circle[0]!].join(" to ")}`),
  );
}

/** Of entries and their parents, those that are above themselves. */
function circlesOf(parents: ReadonlyMap<string, string>): string[][] {
  const seen = new Set<string>();
  const circles: string[][] = [];
  for (const start of parents.keys()) {
    const path: string[] = [];
    let at: string | undefined = start;
    for (; at !== undefined && !seen.has(at); at = parents.get(at)) {
      seen.add(at);
      path.push(at);
    }
    if (at !== undefined && path.includes(at)) circles.push(path.slice(path.indexOf(at)));
  }
  return circles;
}
