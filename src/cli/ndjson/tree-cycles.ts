import type { Values } from "../import/entry-state.ts";
import type { Definition, EntryLine } from "./lines.ts";

type Parents = Map<string, string>;
/** By type, what each entry stands below: in its working copy, and as it is published. */
export type Trees = Map<string, { draft: Parents; published: Parents }>;

/** Notes what an entry stands below, where its type is a tree. */
export function noteParents(trees: Trees, line: EntryLine, type: Definition | undefined): void {
  const field = type?.["parent"];
  if (typeof field !== "string") return;
  const known = trees.get(line.type) ?? { draft: new Map(), published: new Map() };
  trees.set(line.type, known);
  const put = (parents: Parents, values: Values) => {
    const parent = values[field];
    if (typeof parent === "string") parents.set(line.id, parent);
  };
  put(known.draft, line.fields);
  if (line.status !== "draft")
    for (const { fields } of line.published ?? [{ fields: line.fields }]) put(known.published, fields);
}

const MOST_NAMED = 10;

/** Throws for entries that stand below each other in a circle, with their ids. */
export function refuseCycles(trees: Trees): void {
  for (const [type, { draft, published }] of trees) {
    const cycle = cycleIn(draft) ?? cycleIn(published);
    if (!cycle) continue;
    const named = cycle.length > MOST_NAMED ? [...cycle.slice(0, MOST_NAMED), "…"] : cycle;
    throw new Error(
      `Entries of the type "${type}" stand below each other in a circle: ${[...named, cycle[0]].join(" below ")}.`,
    );
  }
}

/** The ids of entries each of which has the next as its parent, and the last the first; each is looked at once. */
function cycleIn(parents: Parents): string[] | undefined {
  const done = new Set<string>();
  for (const start of parents.keys()) {
    const way = new Set<string>();
    let id: string | undefined = start;
    for (; id !== undefined && !done.has(id); id = parents.get(id)) {
      if (way.has(id)) {
        const ids = [...way];
        return ids.slice(ids.indexOf(id));
      }
      way.add(id);
    }
    for (const one of way) done.add(one);
  }
  return undefined;
}
