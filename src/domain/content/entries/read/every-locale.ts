import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { ownValue } from "../../../../core/own-value.ts";
import { accessOf } from "../../grants/index.ts";
import type { CompiledType, EnvironmentSchema } from "../../types/index.ts";
import { factsSql } from "../query/index.ts";
import { masked, publishedSubject } from "./mask.ts";

type Values = Record<string, unknown>;
/** What the statement finds of a published entry in all locales. */
export type EveryLocale = {
  id: string;
  type: string;
  published_at: string;
  created_at: string;
  updated_at: string;
  facts: { version: number; published_locales: Record<string, number> | null; stored: Values };
};

/** A scalar: a published entry in all its locales, of a row under an alias of `published_entries`. */
export const everyLocaleSql = (ctx: Context, alias: string): SQL => {
  const row = (column: string) => sql.raw(`${alias}.${column}`);
  return sql`jsonb_build_object('id', ${row("entry_id")}, 'type', ${row("type")},
    'published_at', cms_iso(${row("published_at")}), 'created_at', cms_iso(${row("created_at")}),
    'updated_at', cms_iso(${row("updated_at")}), 'facts', ${factsSql(ctx, alias)})`;
};

/** A published entry with its localised values as objects by locale, those that the actor may read. */
export function presentEveryLocale(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  { facts, ...found }: EveryLocale,
): Values {
  const { version, published_locales: locales, ...known } = facts;
  const isShown = (code: string) => schema.chains.has(code) && (!locales || Object.hasOwn(locales, code));
  const entry: Values = {
    id: found.id,
    type: type.id,
    locale: "*",
    version,
    status: "published",
    published_locales: locales,
    published_at: found.published_at,
    created_at: found.created_at,
    updated_at: found.updated_at,
  };
  for (const field of type.fields.values()) {
    const value = ownValue(known.stored, field.id) ?? null;
    entry[field.id] = field.localized ? byLocale(value, isShown) : value;
  }
  const access = accessOf(ctx, schema);
  if (!access) return entry;
  return masked(access, type, "content:read", entry, publishedSubject(type, entry, known), "*");
}

function byLocale(value: unknown, isShown: (code: string) => boolean): Values | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const shown = Object.entries(value).filter(([code]) => isShown(code));
  return shown.length > 0 ? Object.fromEntries(shown) : null;
}
