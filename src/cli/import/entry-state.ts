import {
  FlowError,
  type AnySchema,
  type BulkOperation,
  type Client,
  type Entry,
  type ErrorDetail,
  type Outcome,
  type WriteNote,
} from "../../sdk/index.ts";
import { ifThere } from "../if-there.ts";
import { reasonOf } from "./or-report.ts";
import { withoutIds } from "./without-ids.ts";

export type Values = Record<string, unknown>;
/** An entry with all its locales: the working copy, and the published versions in the order of publishing. */
export type EntryState = {
  id: string;
  type: string;
  created_at?: string | undefined;
  published_at?: string | undefined;
  draft: Values;
  /** None for a draft; one step without locales for an entry that is published as a whole. */
  published: { locales?: string[]; fields: Values }[];
};
/** A working copy. */
export type ShownEntry = Entry & {
  published_version: number | null;
  published_locales: Record<string, number> | null;
};
/** `lost` are the things that it refers to and that are not there. */
export type Written = {
  outcome: Outcome;
  isPublished: boolean;
  lost: ReadonlySet<string>;
  /** The parts of the HTML that were removed. */
  notes?: WriteNote[] | undefined;
};
/** Why an entry could not be written. */
export type NotWritten = { failure: string };

export const BROKEN_REFERENCE = "content/broken-reference";
const WRITE = { locale: "*", allow_incomplete: true } as const;
const READ = { locale: "*", perspective: "draft" } as const;

/** The values that are published, in the steps in which the locales were; none for a draft. */
export async function readPublished(
  client: Client,
  entry: ShownEntry,
  locales: string[],
  valuesOf: (data: Values) => Values,
): Promise<EntryState["published"]> {
  if (entry.published_version === null) return [];
  const read = async (version: number) =>
    valuesOf((await client.content.versions.get(entry.type, entry.id, version)).data);
  if (entry.published_locales === null) return [{ fields: await read(entry.published_version) }];
  const steps = new Map<number, string[]>();
  for (const code of locales) {
    const version = entry.published_locales[code];
    if (version !== undefined) steps.set(version, [...(steps.get(version) ?? []), code]);
  }
  const inOrder = [...steps].sort(([a], [b]) => a - b);
  return Promise.all(
    inOrder.map(async ([version, codes]) => ({ locales: codes, fields: await read(version) })),
  );
}

/** Whether two entries' values are the same; a field without a value may be null or absent. */
export function sameValues(a: Values, b: Values): boolean {
  const text = (values: Values) =>
    JSON.stringify(
      inOrder(
        Object.fromEntries(
          Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
        ),
      ),
    );
  return text(a) === text(b);
}

function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const sorted = Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, one]) => [key, inOrder(one)]));
}

/** Whether the entry is a draft, or published as a whole and not changed since. */
export function isPlain({ draft, published: [first, second] }: EntryState): boolean {
  return !first || (!second && !first.locales && sameValues(first.fields, draft));
}

/** The things that an entry refers to and that are not there, by the server's word. */
export const targetsOf = (details: ErrorDetail[]): Set<string> =>
  new Set(details.map(({ target }) => target as string));

/** The state without what it refers to, in everything that it holds. */
export function withoutTargets(state: EntryState, ids: ReadonlySet<string>): EntryState {
  const without = (values: Values) => withoutIds(values, ids) as Values;
  const published = state.published.map((step) => ({ ...step, fields: without(step.fields) }));
  return { ...state, draft: without(state.draft), published };
}

/**
 * Brings an entry into its state, step by step, and returns what was done. Missing references are left
 * out and listed in `lost`; then nothing is published unless `isLast`: write it again when they exist.
 */
export async function writeSteps(
  client: Client,
  state: EntryState,
  isLast: boolean,
): Promise<Written | NotWritten> {
  const lost = new Set<string>();
  for (;;) {
    const kept = withoutTargets(state, lost);
    try {
      if (lost.size === 0 || isLast) return { ...(await writeInOrder(client, kept)), lost };
      const { outcome } = await put(client, kept, kept.published[0]!.fields);
      return { outcome, isPublished: false, lost };
    } catch (error) {
      if (!isBroken(error) || !addAll(lost, targetsOf(error.details))) return { failure: reasonOf(error) };
    }
  }
}

const isBroken = (error: unknown): error is FlowError =>
  error instanceof FlowError && error.reason === BROKEN_REFERENCE;

/** Whether one of them is new. */
export function addAll(to: Set<string>, ids: Iterable<string>): boolean {
  const before = to.size;
  for (const id of ids) to.add(id);
  return to.size > before;
}

async function writeInOrder(client: Client, state: EntryState): Promise<Omit<Written, "lost">> {
  const before = (await ifThere(client.content.get(state.type, state.id, READ))) as ShownEntry | undefined;
  if (before && (await isSame(client, before, state))) return { outcome: "unchanged", isPublished: false };
  if (before && hasOtherLocales(before, state)) await client.content.unpublish(state.id);
  for (const { fields, locales } of state.published) {
    await put(client, state, fields);
    await publish(client, state, locales);
  }
  const notes: WriteNote[] = [];
  await put(client, state, state.draft, (more) => notes.push(...more));
  return { outcome: before ? "updated" : "created", isPublished: true, notes };
}

/** Whether a locale is published that is not to be: publishing the others does not take it back. */
function hasOtherLocales({ published_version, published_locales }: ShownEntry, state: EntryState): boolean {
  const wanted = new Set(state.published.flatMap(({ locales }) => locales ?? []));
  if (published_version === null || wanted.size === 0) return false;
  return published_locales === null || Object.keys(published_locales).some((code) => !wanted.has(code));
}

async function isSame(client: Client, before: ShownEntry, state: EntryState): Promise<boolean> {
  if (!sameValues(fieldsOf(before, state), state.draft)) return false;
  if (state.published_at !== undefined && state.published_at !== before.published_at) return false;
  const codes = state.published.flatMap(({ locales }) => locales ?? []);
  const now = await readPublished(client, before, codes, (data) => data);
  return (
    now.length === state.published.length &&
    now.every(
      ({ locales, fields }, i) =>
        String(locales) === String(state.published[i]!.locales) &&
        sameValues(fields, state.published[i]!.fields),
    )
  );
}

const fieldsOf = (entry: ShownEntry, { draft, published }: EntryState): Values => {
  const names = new Set([...Object.keys(draft), ...published.flatMap(({ fields }) => Object.keys(fields))]);
  return Object.fromEntries([...names].map((name) => [name, entry[name]]));
};

/** The operation that puts values in place of those of the entry. */
export const putOf = ({ type, id, created_at }: EntryState, fields: Values): BulkOperation<AnySchema> => ({
  op: "put",
  type,
  id,
  ...WRITE,
  fields: { ...fields, ...(created_at ? { created_at } : {}) },
});

const put = (
  client: Client,
  { type, id, created_at }: EntryState,
  fields: Values,
  onNotes?: (notes: WriteNote[]) => void,
) => client.content.put(type, id, { ...fields, ...(created_at ? { created_at } : {}) }, WRITE, { onNotes });

const publish = (client: Client, { id, published_at }: EntryState, locales?: string[]) =>
  client.content.publish(id, { published_at, locales });
