import { isDeepStrictEqual } from "node:util";
import { FlowError, type Client } from "../../sdk/index.ts";
import { inParallel } from "../import/in-parallel.ts";
import type { MigratedEntry, Migration } from "./define-migration.ts";

export type MigrationOptions = {
  client: Client;
  migration: Migration;
  types: string[];
  isDryRun: boolean;
  publishes: boolean;
  concurrency: number;
  onEntry: (done: number, change: EntryChange | undefined) => void;
};
export type EntryChange = {
  type: string;
  id: string;
  title: string;
  fields: Record<string, { from: unknown; to: unknown }>;
};
export type MigrationReport = {
  ok: boolean;
  dry_run: boolean;
  seen: number;
  changed: number;
  unchanged: number;
  published: number;
  /** How often somebody else changed an entry meanwhile, so that it was read and migrated again. */
  retried: number;
  failed: { type: string; id: string; title: string; reason: string }[];
};

const MAX_TRIES = 5;
const WORKING_COPY = { perspective: "draft", locale: "*" } as const;

/**
 * Runs a migration over every entry, page by page. Each write says which version it is based on, so
 * nothing that somebody saves meanwhile is lost: the entry is read and migrated again.
 */
export async function runMigration(options: MigrationOptions): Promise<MigrationReport> {
  const report: MigrationReport = {
    ok: true,
    dry_run: options.isDryRun,
    seen: 0,
    changed: 0,
    unchanged: 0,
    published: 0,
    retried: 0,
    failed: [],
  };
  for (const type of options.types) {
    const localized = await localizedFields(options.client, type);
    const query = { ...WORKING_COPY, sort: ["id"], filter: options.migration.where ?? {} } as const;
    await inParallel(options.client.content.iterate(type, query), options.concurrency, async (entry) => {
      report.seen++;
      const change = await migrateEntry(options, entry, localized, report);
      options.onEntry(report.seen, change);
    });
  }
  report.ok = report.failed.length === 0;
  return report;
}

async function localizedFields(client: Client, type: string): Promise<Set<string>> {
  const { fields } = await client.types.get(type);
  return new Set(fields.filter((field) => field.localized).map(({ id }) => id));
}

async function migrateEntry(
  options: MigrationOptions,
  found: MigratedEntry,
  localized: Set<string>,
  report: MigrationReport,
): Promise<EntryChange | undefined> {
  const { type, id } = found;
  let entry = found;
  try {
    for (let attempt = 1; ; attempt++) {
      const given = await options.migration.migrate(structuredClone(entry));
      const change = changeOf(entry, given ?? {}, localized);
      if (!change) {
        report.unchanged++;
        return undefined;
      }
      const isWritten = options.isDryRun || (await write(options, entry, change, report));
      if (isWritten) {
        report.changed++;
        return change;
      }
      if (attempt === MAX_TRIES) throw new Error(`was changed concurrently, ${MAX_TRIES} times in a row`);
      report.retried++;
      entry = await options.client.content.get(type, id, WORKING_COPY);
    }
  } catch (error) {
    if (error instanceof FlowError && (error.status === 401 || error.status === 403)) throw error;
    report.failed.push({ type, id, title: titleOf(entry), reason: (error as Error).message });
    return undefined;
  }
}

/** What is different from what the entry has; of a localised field, locales that are not given stay. */
function changeOf(
  entry: MigratedEntry,
  given: Record<string, unknown>,
  localized: Set<string>,
): EntryChange | undefined {
  const fields: EntryChange["fields"] = {};
  for (const [id, value] of Object.entries(given)) {
    const from = (entry[id] ?? null) as unknown;
    const isByLocale = localized.has(id) && typeof value === "object" && value !== null;
    const to = isByLocale ? { ...(from as object | null), ...value } : (value ?? null);
    if (!isDeepStrictEqual(from, to)) fields[id] = { from, to };
  }
  if (Object.keys(fields).length === 0) return undefined;
  return { type: entry.type, id: entry.id, title: titleOf(entry), fields };
}

/** Saves a change unless the entry is at another version by now; false when it is. */
async function write(
  { client, publishes }: MigrationOptions,
  entry: MigratedEntry,
  change: EntryChange,
  report: MigrationReport,
): Promise<boolean> {
  const fields = Object.fromEntries(Object.entries(change.fields).map(([id, { to }]) => [id, to]));
  let saved: MigratedEntry;
  try {
    const change = { ...fields, version: entry.version };
    saved = await client.content.update(entry.type, entry.id, change, {
      locale: "*",
      allow_incomplete: true,
    });
  } catch (error) {
    if (error instanceof FlowError && error.reason === "content/version-conflict") return false;
    throw error;
  }
  const isWhole = entry.status === "published" && (entry["published_locales"] ?? null) === null;
  if (publishes && isWhole) {
    await client.content.publish(entry.id, { version: saved.version });
    report.published++;
  }
  return true;
}

function titleOf(entry: MigratedEntry): string {
  const title: unknown = entry["title"] ?? entry["name"] ?? entry["slug"] ?? "";
  const text = typeof title === "object" && title !== null ? Object.values(title)[0] : title;
  return typeof text === "string" ? text : "";
}
