import { FlowError } from "../../sdk/index.ts";
import { call, dataOf, isNotFound, outcomeOf, type Connection, type Outcome } from "../api.ts";

export type Values = Record<string, unknown>;
/** An entry with all its locales: the working copy, and what is published in the order in which it was. */
export type EntryState = {
  id: string;
  type: string;
  created_at?: string | undefined;
  published_at?: string | undefined;
  draft: Values;
  /** None for a draft; one step without locales for an entry that is published as a whole. */
  published: { locales?: string[]; fields: Values }[];
};
export type ShownEntry = {
  id: string;
  type: string;
  version: number;
  status: "draft" | "published" | "changed";
  published_version: number | null;
  published_locales: Record<string, number> | null;
  published_at: string | null;
  created_at: string;
  [field: string]: unknown;
};
export type Written = { outcome: Outcome; isPublished: boolean; isWhole: boolean };

const WRITE = "?locale=*&allow_incomplete=true";
const READ = "?locale=*&perspective=draft";

/**
 * Makes the entry what the state says and answers what was to do. References to entries that do not exist yet are left out
 * of an entry that is new (`isWhole` is false then, and nothing is published): write it again when the others are there.
 */
export async function writeEntry(connection: Connection, state: EntryState): Promise<Written> {
  const [first] = state.published;
  const isPlain =
    state.published.length === 0 ||
    (state.published.length === 1 && !first!.locales && sameValues(first!.fields, state.draft));
  try {
    return isPlain ? await writePlain(connection, state) : await writeSteps(connection, state);
  } catch (error) {
    if (!(error instanceof FlowError) || error.reason !== "content/broken-reference") throw error;
    const kept = { ...(first?.fields ?? state.draft) };
    for (const { path } of error.details) kept[path.split(/[.[]/)[0]!] = null;
    const answer = await put(connection, state, kept);
    return { outcome: outcomeOf(answer), isPublished: false, isWhole: false };
  }
}

/** The values that are published, in the steps in which the locales were; none for a draft. */
export async function readPublished(
  connection: Connection,
  entry: ShownEntry,
  locales: string[],
  valuesOf: (data: Values) => Values,
): Promise<EntryState["published"]> {
  if (entry.published_version === null) return [];
  const read = async (version: number) =>
    valuesOf(
      dataOf<{ data: Values }>(
        await call(connection, "GET", `/content/${entry.type}/${entry.id}/versions/${version}`),
      ).data,
    );
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

async function writePlain(connection: Connection, state: EntryState): Promise<Written> {
  const answer = await put(connection, state, state.draft);
  const entry = dataOf<ShownEntry>(answer);
  const outcome = outcomeOf(answer);
  if (state.published.length === 0) {
    const isPublished = entry.published_version !== null;
    if (isPublished) await call(connection, "POST", "/content/unpublish", { id: state.id });
    return {
      outcome: isPublished && outcome === "unchanged" ? "updated" : outcome,
      isPublished: false,
      isWhole: true,
    };
  }
  const isDone =
    entry.status === "published" &&
    entry.published_locales === null &&
    (state.published_at === undefined || entry.published_at === state.published_at);
  if (!isDone) await publish(connection, state);
  return { outcome, isPublished: !isDone, isWhole: true };
}

async function writeSteps(connection: Connection, state: EntryState): Promise<Written> {
  const before = await readEntry(connection, state);
  if (before && (await isSame(connection, before, state)))
    return { outcome: "unchanged", isPublished: false, isWhole: true };
  if (before && hasOtherLocales(before, state))
    await call(connection, "POST", "/content/unpublish", { id: state.id });
  for (const { fields, locales } of state.published) {
    await put(connection, state, fields);
    await publish(connection, state, locales);
  }
  await put(connection, state, state.draft);
  return { outcome: before ? "updated" : "created", isPublished: true, isWhole: true };
}

/** Whether a locale is published that is not to be: publishing the others does not take it back. */
function hasOtherLocales({ published_version, published_locales }: ShownEntry, state: EntryState): boolean {
  const wanted = new Set(state.published.flatMap(({ locales }) => locales ?? []));
  if (published_version === null || wanted.size === 0) return false;
  return published_locales === null || Object.keys(published_locales).some((code) => !wanted.has(code));
}

async function isSame(connection: Connection, before: ShownEntry, state: EntryState): Promise<boolean> {
  if (!sameValues(fieldsOf(before, state), state.draft)) return false;
  if (state.published_at !== undefined && state.published_at !== before.published_at) return false;
  const codes = state.published.flatMap(({ locales }) => locales ?? []);
  const now = await readPublished(connection, before, codes, (data) => data);
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

async function readEntry(connection: Connection, { type, id }: EntryState): Promise<ShownEntry | undefined> {
  try {
    return dataOf<ShownEntry>(await call(connection, "GET", `/content/${type}/${id}${READ}`));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const put = (connection: Connection, { type, id, created_at }: EntryState, fields: Values) =>
  call(connection, "PUT", `/content/${type}/${id}${WRITE}`, {
    ...fields,
    ...(created_at ? { created_at } : {}),
  });

const publish = (connection: Connection, { id, published_at }: EntryState, locales?: string[]) =>
  call(
    connection,
    "POST",
    "/content/publish",
    { id, ...(published_at ? { published_at } : {}), ...(locales ? { locales } : {}) },
    { isRepeatable: true },
  );
