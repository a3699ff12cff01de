import { sql } from "drizzle-orm";
import type { Row } from "../../core/context.ts";
import type { CompiledType, EnvironmentSchema } from "../types/index.ts";

export type EntryStatus = "draft" | "published" | "changed";

/** An entry as the API answers it: what every entry has, then the fields of its type. */
export type Entry = {
  id: string;
  type: string;
  locale: string;
  version: number;
  status: EntryStatus;
  published_version: number | null;
  published_at: string | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
  [field: string]: unknown;
};

/** The select list that `presentEntry` reads, over a table or CTE named `saved`. */
export const ENTRY_COLUMNS = sql`saved.id, saved.version, saved.published_version, cms_iso(saved.published_at),
  cms_iso(saved.created_at), saved.created_by, cms_iso(saved.updated_at), saved.updated_by, saved.data`;
export const ENTRY_COLUMN_COUNT = 9;

/** The working copy of an entry in one locale (`*`: localised fields as objects by locale). */
export function presentEntry(schema: EnvironmentSchema, type: CompiledType, row: Row, locale: string): Entry {
  const [id, version, publishedVersion, publishedAt, createdAt, createdBy, updatedAt, updatedBy, data] = row;
  const values = data as Record<string, unknown>;
  const entry: Entry = {
    id: id as string,
    type: type.id,
    locale,
    version: version as number,
    status: statusOf(version as number, publishedVersion as number | null),
    published_version: publishedVersion as number | null,
    published_at: publishedAt as string | null,
    created_at: createdAt as string,
    created_by: createdBy as string,
    updated_at: updatedAt as string,
    updated_by: updatedBy as string,
  };
  const chain = schema.chains.get(locale) ?? [schema.defaultLocale];
  for (const field of type.fields.values()) {
    const value = values[field.id] ?? null;
    entry[field.id] =
      field.localized && locale !== "*" ? resolve(value as Record<string, unknown> | null, chain) : value;
  }
  return entry;
}

function statusOf(version: number, publishedVersion: number | null): EntryStatus {
  if (publishedVersion === null) return "draft";
  return publishedVersion === version ? "published" : "changed";
}

function resolve(byLocale: Record<string, unknown> | null, chain: string[]): unknown {
  for (const code of chain) {
    const value = byLocale?.[code];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
