import { ownValue } from "../../../../core/own-value.ts";
import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { accessOf } from "../../grants/index.ts";
import { PATH, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";
import type { WorkingCopy } from "../schemas.ts";
import { savedPathSql, withoutHiddenPath } from "./path-sql.ts";
import { dataOf, masked, subjectOf } from "./mask.ts";

const COLUMNS = [
  "$.id",
  "$.version",
  "$.published_version",
  "cms_iso($.published_at)",
  "cms_iso($.created_at)",
  "$.created_by",
  "cms_iso($.updated_at)",
  "$.updated_by",
  "$.data",
  "$.published_locales",
  "$.published_data = $.data",
  "$.stage",
  "$.assignee",
];
export const ENTRY_COLUMN_COUNT = COLUMNS.length;

/** The select list that `presentEntry` reads, over a table or CTE of entries. */
export const entryColumns = (alias: string): SQL => sql.raw(COLUMNS.join(", ").replaceAll("$", alias));

/** The select list that `presentSaved` reads, over the row `saved` of a statement that writes an entry of one of some types. */
export const savedColumns = (
  ctx: Context,
  schema: EnvironmentSchema,
  { types = schema.types.values(), locale = schema.defaultLocale }: Saved = {},
): SQL => sql`${entryColumns("saved")}, ${savedPathSql(ctx, schema, types, locale)}`;
type Saved = { types?: Iterable<CompiledType>; locale?: string | undefined };

/** What a write answers: the working copy with its path. */
export function presentSaved(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  row: Row,
  locale = schema.defaultLocale,
): WorkingCopy {
  const entry = presentEntry(ctx, schema, type, row, locale);
  if (!type.pathParent) return entry;
  return withoutHiddenPath(type, { ...entry, [PATH]: row[ENTRY_COLUMN_COUNT] ?? null });
}

/** The URL of a written entry: its working copy, published or not. */
export const draftAt = ({ type, id }: Pick<WorkingCopy, "type" | "id">): string =>
  `/api/v3/content/${type}/${id}?perspective=draft`;

/**
 * The working copy of an entry in one locale (`*`: localised fields as objects by locale), with the
 * fields that the actor may read.
 */
export function presentEntry(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  row: Row,
  locale: string,
): WorkingCopy {
  const entry = wholeEntry(schema, type, row, locale);
  const access = accessOf(ctx, schema);
  if (!access) return entry;
  const subject = subjectOf(entry, dataOf(row));
  return masked(access, type, "content:read-draft", entry, subject, locale);
}

/** The working copy with all its fields, for any caller. */
export function wholeEntry(
  schema: EnvironmentSchema,
  type: CompiledType,
  row: Row,
  locale: string,
): WorkingCopy {
  const [id, version, publishedVersion, publishedAt, createdAt, createdBy, updatedAt, updatedBy, data] = row;
  const [publishedLocales, isWhole, stage, assignee] = row.slice(9) as [
    Record<string, number> | null,
    boolean | null,
    string | null,
    string | null,
  ];
  const values = data as Record<string, unknown>;
  const entry: WorkingCopy = {
    id: id as string,
    type: type.id,
    locale,
    version: version as number,
    status: statusOf(version as number, publishedVersion as number | null, isWhole),
    published_version: publishedVersion as number | null,
    published_locales: publishedLocales,
    published_at: publishedAt as string | null,
    created_at: createdAt as string,
    created_by: createdBy as string,
    updated_at: updatedAt as string,
    updated_by: updatedBy as string,
    ...(type.definition.review ? { stage: stage ?? type.definition.review.stages[0]!.id, assignee } : {}),
  };
  const chain = schema.chains.get(locale) ?? [schema.defaultLocale];
  for (const field of type.fields.values()) {
    const value = ownValue(values, field.id) ?? null;
    if (!field.localized) entry[field.id] = value;
    else if (locale === "*") entry[field.id] = inLocales(schema, value);
    else entry[field.id] = resolve(value as Record<string, unknown> | null, chain);
  }
  return entry;
}

function statusOf(
  version: number,
  publishedVersion: number | null,
  isWhole: boolean | null,
): WorkingCopy["status"] {
  if (publishedVersion === null) return "draft";
  if (isWhole !== null) return isWhole ? "published" : "changed";
  return publishedVersion === version ? "published" : "changed";
}

/** Values by locale, without those of locales that the environment has no more. */
function inLocales({ chains }: EnvironmentSchema, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  if (Object.keys(value).every((code) => chains.has(code))) return value;
  const kept = Object.entries(value).filter(([code]) => chains.has(code));
  return kept.length > 0 ? Object.fromEntries(kept) : null;
}

function resolve(byLocale: Record<string, unknown> | null, chain: string[]): unknown {
  for (const code of chain) {
    const value = byLocale?.[code];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
