import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { backReferenceOf, type BackLink } from "../../types/index.ts";
import { isNarrowed, requireReadableField } from "./readable.ts";
import { isShown, isWhole, perspectiveOf, type Source } from "./source.ts";

/** The list of that name that a source's entries have, for whoever may read the field that it is made of. */
export function linkOf(source: Source, id: string, path: string): BackLink | undefined {
  const link = backReferenceOf(source.schema, source.type, id);
  if (link) requireReadableField(referringSource(source, link, source.alias), link.field.id, path);
  return link;
}

/** The entries that refer to those of a source: as they are now, whatever version of these is shown. */
export const referringSource = (source: Source, { type }: BackLink, alias: string): Source => ({
  ...source,
  type,
  alias,
  version: undefined,
  isOneOfMany: false,
  element: undefined,
});

/** The locales of the references that count. */
function localesOf({ schema, chain, isEveryLocale }: Source, { field }: BackLink): string[] {
  if (!field.localized) return [""];
  return isEveryLocale ? [...schema.chains.keys()] : chain;
}

/** ` and …`: which rows of references, under an alias, make the list. */
export function listRows(referring: Source, link: BackLink, alias: string): SQL {
  const row = sql.raw(alias);
  const locales = localesOf(referring, link);
  const shown = referring.isEveryLocale ? sql`` : isShown(referring, alias, link.field);
  return sql` and ${row}.perspective = ${perspectiveOf(referring)} and ${row}.field = ${link.field.id}
    and ${row}.locale ${locales.length === 1 ? sql`= ${locales[0]}` : sql`in ${locales}`}${shown}`;
}

/** ` from entry_refs … where …`: the references to an entry by which it has a list, under an alias. */
export function fromReferring(referring: Source, link: BackLink, alias: string, owner: SQL): SQL {
  const row = sql.raw(alias);
  return sql` from entry_refs ${row} where ${inEnvironment(referring.ctx, alias)} and ${row}.target_id = ${owner}
    and ${row}.type = ${link.type.id}${listRows(referring, link, alias)}`;
}

/** Whether an entry may be there several times among the references to another. */
export const mayRepeat = (referring: Source, link: BackLink): boolean =>
  link.field.multiple || localesOf(referring, link).length > 1;

/** Whether every entry that refers to another is shown. */
export function isAllShown(referring: Source): SQL {
  if (isNarrowed(referring)) return sql`false`;
  return referring.perspective === "draft" ? sql`true` : isWhole(referring);
}
