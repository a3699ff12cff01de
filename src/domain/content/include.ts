import { sql, type SQL } from "drizzle-orm";
import { didYouMean } from "../../core/nearest.ts";
import { filterKind, type CompiledType, type Field } from "../types/index.ts";
import { badFilter, baseId, type Source } from "./filter-sql.ts";
import { inEnvironment } from "./side-rows.ts";

/** What is referenced, by id: a finished document, or the columns of a working copy with its type first. */
export type Included = Record<string, string | unknown[]> | null;

/** The fields that `include` names; throws INVALID unless each is a reference or media field. */
export function readInclude(type: CompiledType, names: string[]): Field[] {
  return names.map((name) => {
    const field = type.fields.get(name);
    if (field && filterKind(field) === "reference") return field;
    const valid = [...type.fields.values()]
      .filter((one) => filterKind(one) === "reference")
      .map((one) => one.id);
    throw badFilter(
      "include",
      `names no reference or media field of ${type.id}: "${name.slice(0, 64)}".${didYouMean(name, valid)}`,
    );
  });
}

/** A scalar subquery: everything the base row refers to by those fields, as one JSON object by id. */
export function includeSql(source: Source, include: Field[]): SQL {
  const { ctx, perspective, chain } = source;
  const fields = include.map((field) => field.id);
  const locales = ["", ...chain];
  const isRef = sql`${inEnvironment(ctx, "ref")} and ref.entry_id = ${baseId(source)}
    and ref.perspective = ${sql.raw(perspective === "draft" ? "0" : "1")} and ref.field in ${fields} and ref.locale in ${locales}`;
  const target =
    perspective === "published"
      ? sql`select ref.target_id as id, to_jsonb(target.doc) as doc from entry_refs ref join published_entries target
          on ${inEnvironment(ctx, "target")} and target.entry_id = ref.target_id and target.locale = ${chain[0]} where ${isRef}`
      : sql`select ref.target_id, jsonb_build_array(target.type, target.id, target.version, target.published_version, cms_iso(target.published_at),
            cms_iso(target.created_at), target.created_by, cms_iso(target.updated_at), target.updated_by, target.data)
          from entry_refs ref join entries target on ${inEnvironment(ctx, "target")} and target.id = ref.target_id where ${isRef}`;
  return sql`(select jsonb_object_agg(found.id, found.doc) from (${target}
    union all select ref.target_id, to_jsonb(jsonb_build_object('id', asset.id, 'source_url', asset.source_url, 'filename', asset.filename,
        'mime', asset.mime, 'title', asset.title, 'alt', asset.alt, 'caption', asset.caption, 'description', asset.description)::text)
      from entry_refs ref join assets asset on ${inEnvironment(ctx, "asset")} and asset.id = ref.target_id where ${isRef}) found (id, doc))`;
}
