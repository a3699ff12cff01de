import type { AnySchema, BulkItem, Client, Outcome } from "../../sdk/index.ts";
import { BROKEN_REFERENCE } from "../import/entry-state.ts";
import { inParallel } from "../import/in-parallel.ts";
import { inWaves } from "../import/in-waves.ts";
import { orReport, reportFailure, reportNotes } from "../import/or-report.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { inBulks, runBulk } from "../import/run-bulk.ts";
import { withoutIds } from "../import/without-ids.ts";
import { idsThere } from "./find-elsewhere.ts";
import type { Step } from "./step.ts";
import { slugsFor } from "./unique-slugs.ts";

const MAX_TRIES = 6;

export type Writing = {
  client: Client;
  concurrency: number;
  report: ImportReport;
  onProgress: (done: number, total: number) => void;
};
type Failed = BulkItem<AnySchema> & { outcome: "failed" };

/**
 * Writes the steps, each after what it refers to; what could not be written is left out of those that
 * refer to it.
 */
export async function writeSteps(steps: Step[], writing: Writing): Promise<void> {
  const { report, concurrency, onProgress } = writing;
  const lost = new Set<string>();
  let done = 0;
  const waves = inWaves(
    await withoutThere(steps, writing),
    ({ id }) => id,
    ({ refs }) => refs.map(({ id }) => id),
  );
  for (const wave of waves) {
    const ready = wave.map((step) => withoutLost(step, lost, report));
    const groups = inBulks(ready, (step) => (step.kind === "asset" ? undefined : putOf(step)));
    await inParallel(groups, concurrency, async (group) => {
      if (group[0]!.kind === "asset") await writeAsset(group[0]!, writing, lost);
      else await writeGroup(group, writing, lost);
      onProgress((done += group.length), steps.length);
    });
  }
}

/** Counts what became of the things that are part of a step's values. */
export function countStored({ holds }: Step, outcome: Outcome | "failed", report: ImportReport): void {
  if (holds && holds.count > 0) countsOf(report, holds.kind)[outcome] += holds.count;
}

/** The steps without those for things that the file only mentions and that are there already. */
async function withoutThere(steps: Step[], { client, report }: Writing): Promise<Step[]> {
  const there = new Set<string>();
  for (const kind of new Set(steps.map((step) => step.kind))) {
    const ids = steps.filter((step) => step.isMentioned && step.kind === kind).map(({ id }) => id);
    for (const id of await idsThere(client, kind, ids)) there.add(id);
  }
  return steps.filter((step) => {
    if (!step.isMentioned || !there.has(step.id)) return true;
    countsOf(report, step.kind).unchanged++;
    return false;
  });
}

const putOf = ({ kind: type, id, fields }: Step) => ({ op: "put" as const, type, id, fields });
const nameOf = ({ kind, sourceId, title }: Step) => ({ kind, id: sourceId, title });
const note = (report: ImportReport, step: Step, reason: string) =>
  report.notes.push({ ...nameOf(step), reason });

function withoutLost(step: Step, lost: ReadonlySet<string>, report: ImportReport): Step {
  const gone = step.refs.filter(({ id }) => lost.has(id));
  if (gone.length === 0) return step;
  for (const what of new Set(gone.map((ref) => ref.what)))
    note(report, step, `${what} could not be imported: imported without it`);
  const fields = withoutIds(step.fields, new Set(gone.map(({ id }) => id))) as Step["fields"];
  return { ...step, fields, refs: step.refs.filter((ref) => !gone.includes(ref)) };
}

async function writeAsset(step: Step, { client, report }: Writing, lost: Set<string>): Promise<void> {
  lost.add(step.id);
  await orReport(report, nameOf(step), async () => {
    countsOf(report, "asset")[(await client.assets.put(step.id, step.fields)).outcome]++;
    lost.delete(step.id);
  });
}

/** Puts entries, and publishes those that WordPress shows and that are not published yet. */
async function writeGroup(group: Step[], { client, report }: Writing, lost: Set<string>): Promise<void> {
  const unpublished: Step[] = [];
  let steps = group;
  for (let tries = 1; steps.length > 0; tries++) {
    const saved = await runBulk(client, steps.map(putOf));
    const again: Step[] = [];
    steps.forEach((step, i) => {
      const item = saved[i]!;
      if (item.outcome === "failed") {
        const other = tries < MAX_TRIES ? repaired(step, item as Failed, report) : undefined;
        if (other) return void again.push(other);
        lost.add(step.id);
        countStored(step, "failed", report);
        return reportFailure(report, nameOf(step), item.error.message);
      }
      countsOf(report, step.kind)[item.outcome as Outcome]++;
      reportNotes(report, nameOf(step), item.notes);
      countStored(step, item.outcome as Outcome, report);
      if (step.publishedAt !== undefined && item.entry!.status !== "published") unpublished.push(step);
    });
    steps = again;
  }
  const published = await runBulk(
    client,
    unpublished.map(({ id, publishedAt }) => ({ op: "publish", id, published_at: publishedAt! })),
  );
  unpublished.forEach((step, i) => {
    const item = published[i]!;
    if (item.outcome === "failed")
      reportFailure(report, nameOf(step), `not published: ${item.error.message}`);
    else countsOf(report, step.kind).published++;
  });
}

/**
 * The step in a form that can succeed: with another slug, or without missing references; undefined when
 * there is none.
 */
function repaired(step: Step, { error }: Failed, report: ImportReport): Step | undefined {
  const { fields } = step;
  const fieldOf = ({ path }: { path: string }) => path.split(/[.[]/)[0]!;
  if (error.reason === BROKEN_REFERENCE) {
    const ids = new Set(error.details.map(({ target }) => target as string));
    for (const id of ids) {
      const what = step.refs.find((ref) => ref.id === id)?.what ?? id;
      note(report, step, `${what} does not exist: imported without it`);
    }
    return { ...step, fields: withoutIds(fields, ids) as Step["fields"] };
  }
  const taken = new Set(error.details.map(fieldOf));
  if (error.reason !== "content/slug-taken" && error.reason !== "content/not-unique") return undefined;
  if (taken.has("login") && fields["login"] !== null) {
    note(report, step, `another author has the login "${String(fields["login"])}": imported without it`);
    return { ...step, fields: { ...fields, login: null } };
  }
  if (!taken.has("slug")) return undefined;
  const wanted = step.wantedSlug ?? (fields["slug"] as string);
  const slugs = slugsFor(wanted, step);
  const slug = slugs[slugs.indexOf(fields["slug"] as string) + 1];
  if (slug === undefined) return undefined;
  note(report, step, `the slug "${String(fields["slug"])}" is taken: changed to "${slug}"`);
  return { ...step, wantedSlug: wanted, fields: { ...fields, slug } };
}
