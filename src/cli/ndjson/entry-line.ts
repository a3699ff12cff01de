import type { Client } from "../../sdk/index.ts";
import {
  readPublished,
  sameValues,
  type EntryState,
  type ShownEntry,
  type Values,
} from "../import/entry-state.ts";
import { knownValue } from "./inner-values.ts";
import type { Definition, EntryLine } from "./lines.ts";

export type EntryShape = { definition: Definition; locales: string[] };

/** The line of an entry; undefined for an unpublished entry with `--published`. */
export async function entryLine(
  client: Client,
  entry: ShownEntry,
  shape: EntryShape,
  onlyPublished: boolean,
): Promise<EntryLine | undefined> {
  const draft = plainValues(entry, shape);
  const isPlain = entry.status === "published" && entry.published_locales === null;
  const published = isPlain
    ? [{ fields: draft }]
    : joinSteps(await readPublished(client, entry, shape.locales, (data) => plainValues(data, shape)));
  if (onlyPublished && published.length === 0) return undefined;
  const fields = onlyPublished ? publishedValues(published, shape) : draft;
  const isWhole = onlyPublished
    ? published.every(({ locales }) => !locales)
    : published.length === 1 && !published[0]!.locales && sameValues(published[0]!.fields, draft);
  const isDraft = published.length === 0;
  return {
    kind: "entry",
    type: entry.type,
    id: entry.id,
    created_at: entry.created_at,
    status: isDraft ? "draft" : isWhole ? "published" : "changed",
    ...(isDraft ? {} : { published_at: entry.published_at! }),
    ...reviewOf(entry, shape.definition),
    fields,
    ...(isDraft || isWhole
      ? {}
      : { published: onlyPublished ? [{ ...locatedIn(published), fields }] : published }),
  };
}

/** Values in the order of the type's fields and the environment's locales, without what has no value. */
export function plainValues(values: Values, { definition, locales }: EntryShape): Values {
  const out: Values = {};
  for (const field of definition.fields) {
    const { id, localized } = field;
    const value = Object.hasOwn(values, id) ? values[id] : undefined;
    if (value === null || value === undefined) continue;
    if (!localized) out[id] = knownValue(field, value);
    else {
      const byLocale = value as Values;
      const kept = locales.filter((code) => byLocale[code] !== null && byLocale[code] !== undefined);
      if (kept.length > 0)
        out[id] = Object.fromEntries(kept.map((code) => [code, knownValue(field, byLocale[code])]));
    }
  }
  return out;
}

type Steps = EntryState["published"];

/** Locales that were published one after the other with the same values count as published together. */
function joinSteps(steps: Steps): Steps {
  const joined: Steps = [];
  for (const step of steps) {
    const last = joined.at(-1);
    if (last?.locales && step.locales && sameValues(last.fields, step.fields))
      last.locales.push(...step.locales);
    else joined.push({ ...step });
  }
  return joined;
}

const locatedIn = (steps: Steps) => ({ locales: steps.flatMap(({ locales }) => locales ?? []) });

/**
 * The published steps: of each the values in its locales; values that are not localised come with the
 * default locale or the first.
 */
function publishedValues(steps: Steps, { definition, locales }: EntryShape): Values {
  if (!steps[0]!.locales) return steps[0]!.fields;
  const withShared = steps.find((step) => step.locales!.includes(locales[0]!)) ?? steps[0]!;
  const values: Values = {};
  for (const { id, localized } of definition.fields) {
    if (!localized) {
      if (withShared.fields[id] !== undefined) values[id] = withShared.fields[id];
      continue;
    }
    const parts = steps.flatMap((step) =>
      step.locales!.map((code) => [code, (step.fields[id] as Values | undefined)?.[code]] as const),
    );
    const kept = parts.filter(([, value]) => value !== undefined);
    if (kept.length > 0) values[id] = Object.fromEntries(kept);
  }
  return values;
}

function reviewOf(entry: ShownEntry, { review }: Definition): { stage?: string; assignee?: string } {
  const { stage, assignee } = entry as { stage?: string | null; assignee?: string | null };
  return {
    ...(review && stage && stage !== review.stages[0]!.id ? { stage } : {}),
    ...(review && assignee ? { assignee } : {}),
  };
}
