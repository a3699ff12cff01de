import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { rulesOfType } from "../../../../core/rules/index.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import {
  afterChanges,
  changesOf,
  PUBLISHED_DATA,
  type CompiledType,
  type EnvironmentSchema,
} from "../../types/index.ts";
import { recomputed } from "./entry-rules.ts";
import { schemaGuard } from "./side-rows.ts";

type Values = Record<string, unknown>;
/** An entry as a rebuild reads it: its id, working copy, what is published, and the versions of both. */
export type Row = [
  id: string,
  draft: Values,
  published: Values | null,
  version: number,
  publishedVersion: number | null,
];

/**
 * The rows of a rebuild with their computed values as the type computes them now, and a statement that
 * stores those that differ: no version of an entry is made for them.
 */
export function recomputeRows(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  rows: Row[],
): { rows: Row[]; statements: SQL[] } {
  if (!rulesOfType(type.definition)?.hasComputed) return { rows, statements: [] };
  const changed: object[] = [];
  const now = rows.map((row): Row => {
    const [id, draft, published, version, publishedVersion] = row;
    const ofDraft = recomputed(schema, type, id, draft);
    const ofPublished = published && recomputed(schema, type, id, published);
    if (!ofDraft && !ofPublished) return row;
    changed.push({
      id,
      version,
      published: publishedVersion,
      ...changesOf("draft", ofDraft ?? {}),
      ...changesOf("published", ofPublished ?? {}),
    });
    return [
      ...[id, { ...draft, ...ofDraft }, published && { ...published, ...ofPublished }],
      ...[version, publishedVersion],
    ] as Row;
  });
  return { rows: now, statements: changed.length > 0 ? [storeStatement(ctx, schema, changed)] : [] };
}

function storeStatement(ctx: Context, schema: EnvironmentSchema, changed: object[]): SQL {
  return sql`with ${schemaGuard(ctx, schema.version)},
    given as (select given.* from schema_ok, jsonb_to_recordset(${JSON.stringify(changed)}::jsonb)
      as given(id text, version int, published int, draft_put jsonb, draft_gone jsonb, published_put jsonb, published_gone jsonb)),
    shown as (select entry.id, ${PUBLISHED_DATA} as data from given
      join entries entry on ${inEnvironment(ctx, "entry")} and entry.id = given.id
      left join entry_versions kept on ${inEnvironment(ctx, "kept")} and kept.entry_id = entry.id
        and kept.version = entry.published_version)
    update entries entry set data = ${afterChanges(sql`entry.data`, "draft")},
      published_data = case when entry.published_version is null then null
        when entry.published_version = entry.version and entry.published_data is null then null
        else ${afterChanges(sql`shown.data`, "published")} end
    from given join shown on shown.id = given.id
    where ${inEnvironment(ctx, "entry")} and entry.id = given.id and entry.version = given.version
      and entry.published_version is not distinct from given.published`;
}
