import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { keptDataOf, publishedDataOf } from "../../content/types/index.ts";
import type { OutboxEvent } from "../../tenant/events/index.ts";

export type Values = Readonly<Record<string, unknown>>;
/** An entry around an event; a side is null where there was or is nothing, undefined where nobody knows. */
export type EntryStates = {
  before: Values | null | undefined;
  after: Values | null | undefined;
  /** Who saved the version of the event, and when. */
  savedBy: string | null;
  savedAt: string | null;
};

export const isOfEntry = ({ event }: OutboxEvent): boolean => event.startsWith("entry.");

/** What each event of an entry found and left: rows for `readStates`. */
export function statesOf(tenantId: string, events: readonly OutboxEvent[]): SQL {
  const given = events.filter(isOfEntry).map(({ id, environmentId, event, payload }) => ({
    id,
    environment: environmentId,
    event,
    entry: payload["id"],
    version: payload["version"] ?? 0,
    was: payload["was"] ?? null,
  }));
  const isOf = (alias: string) =>
    sql`${sql.raw(alias)}.tenant_id = ${tenantId}::uuid and ${sql.raw(alias)}.environment_id = given.environment
      and ${sql.raw(alias)}.entry_id = given.entry`;
  return sql`select given.id::text, (${keptDataOf("kept", "created_at")})::text,
      case when entry.published_version = given.version then (${publishedDataOf("entry")})::text end,
      (${keptDataOf("old", "created_at")})::text, kept.created_by, cms_iso(kept.created_at),
      entry.published_version is not null
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) given(id bigint, environment uuid, event text,
      entry text, version int, was int)
    left join entry_versions kept on ${isOf("kept")} and kept.version = given.version
    left join entries entry on entry.tenant_id = ${tenantId}::uuid
      and entry.environment_id = given.environment and entry.id = given.entry
    left join entry_versions old on ${isOf("old")} and old.version = case given.event
      when 'entry.updated' then (select max(earlier.version) from entry_versions earlier
        where ${isOf("earlier")} and earlier.version < given.version)
      else given.was end`;
}

export function readStates(
  events: readonly OutboxEvent[],
  rows: readonly Row[],
): ReadonlyMap<string, EntryStates> {
  const byId = new Map(rows.map((row) => [row[0] as string, row]));
  return new Map(
    events.filter(isOfEntry).flatMap((event) => {
      const row = byId.get(event.id);
      return row ? [[event.id, statesIn(event, row)] as const] : [];
    }),
  );
}

function statesIn({ event, payload }: OutboxEvent, row: Row): EntryStates {
  const [kept, published, old] = row.slice(1, 4).map(parsed);
  const [savedBy, savedAt] = row.slice(4) as [string | null, string | null];
  const isStillPublished = row[6] === true;
  const was = payload["was"] === null ? null : old;
  const states = (): Pick<EntryStates, "before" | "after"> => {
    switch (event) {
      case "entry.created":
        return { before: null, after: kept };
      case "entry.updated":
        return { before: old, after: kept };
      case "entry.published":
        return { before: was, after: published ?? kept };
      case "entry.unpublished":
        return { before: was, after: payload["locales"] && isStillPublished ? (published ?? kept) : null };
      case "entry.deleted":
        return { before: kept, after: null };
      case "entry.erased":
        return { before: undefined, after: null };
      default:
        return { before: kept, after: kept };
    }
  };
  return { ...states(), savedBy, savedAt };
}

const parsed = (cell: unknown): Values | undefined =>
  typeof cell === "string" ? (JSON.parse(cell) as Values) : undefined;
