import type { Client } from "../../sdk/index.ts";
import { orReport } from "../import/or-report.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import type { Definition, EntryLine } from "./lines.ts";

type Model = { types: Definition[]; components: Definition[] };

/**
 * Restores components and types: new ones together, since they may refer to each other. A new type gets
 * its review last, so that entries can be published before.
 */
export async function putTypes(
  client: Client,
  { types, components }: Model,
  report: ImportReport,
): Promise<void> {
  const known = new Map((await client.types.list()).map((type) => [type.id, type]));
  const used = new Set(components.length > 0 ? (await client.components.list()).map(({ id }) => id) : []);
  const isNew = { component: (id: string) => !used.has(id), type: (id: string) => !known.has(id) };
  const made = {
    components: components.filter(({ id }) => isNew.component(id)),
    types: types.filter(({ id }) => isNew.type(id)).map(withoutReview),
  };
  const first = made.types[0] ?? made.components[0];
  if (first)
    await orReport(report, named("type", first), async () => {
      await client.types.createAll(made);
      countsOf(report, "type").created += made.types.length;
      if (made.components.length > 0) countsOf(report, "component").created += made.components.length;
    });
  for (const component of components.filter(({ id }) => !isNew.component(id)))
    await orReport(report, named("component", component), async () => {
      countsOf(report, "component")[(await client.components.put(component.id, component)).outcome]++;
    });
  for (const type of types.filter(({ id }) => !isNew.type(id)))
    await orReport(report, named("type", type), async () => {
      const isReviewed = known.get(type.id)!.review !== undefined;
      const { outcome } = await client.types.put(type.id, isReviewed ? type : withoutReview(type));
      countsOf(report, "type")[outcome]++;
    });
}

const withoutReview = ({ review: _review, ...type }: Definition): Definition => type;
const named = (kind: string, { id, name }: Definition) => ({ kind, id, title: String(name ?? "") });

/** Gives the types the reviews that `putTypes` left out. */
export async function restoreReviews(
  client: Client,
  types: Definition[],
  report: ImportReport,
): Promise<void> {
  const failed = new Set(report.failed.filter(({ kind }) => kind === "type").map(({ id }) => id));
  for (const type of types) {
    if (!type.review || failed.has(type.id)) continue;
    await orReport(report, { kind: "type", id: type.id, title: String(type["name"] ?? "") }, async () => {
      await client.types.put(type.id, type);
    });
  }
}

/**
 * Moves an entry to the stage of its review in which it was, by the shortest way there is, and gives
 * it to whom it was given.
 */
export async function moveToStage(client: Client, line: EntryLine, type: Definition): Promise<void> {
  const now = await client.content.get(line.type, line.id, { perspective: "draft" });
  const { stages } = type.review!;
  const first = stages[0]!.id;
  for (const stage of wayBetween(stages, now.stage ?? first, line.stage ?? first))
    await client.review.move(line.type, line.id, { stage });
  if ((now.assignee ?? null) !== (line.assignee ?? null))
    await client.review.assign(line.type, line.id, line.assignee ?? null);
}

/** The stages to go through, the last included; throws when no way leads there. */
function wayBetween(stages: { id: string; from?: string[] }[], from: string, to: string): string[] {
  const ways = new Map<string, string[]>([[from, []]]);
  for (const [at, way] of ways) {
    if (at === to) return way;
    for (const { id, from: sources } of stages)
      if (!ways.has(id) && (!sources || sources.includes(at))) ways.set(id, [...way, id]);
  }
  throw new Error(`is in the stage ${to}, which cannot be reached from ${from}`);
}
