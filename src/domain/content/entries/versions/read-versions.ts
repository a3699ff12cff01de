import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import { diffValues } from "./diff-values.ts";
import { grantedEntry, guardVersions, readStored, type EditorialGuard, type Show } from "../read/index.ts";
import type { Difference, EntryVersion, RichTextForm } from "../schemas.ts";
import { keptDataOf } from "../../types/index.ts";
import { noSuchEntry, noSuchVersion } from "../refusals.ts";

type Values = Record<string, unknown>;
const DATA = keptDataOf("kept", "created_at");
type WantedVersions = { type: string; id: string; richText?: RichTextForm | undefined };

/** Every save of an entry, newest first. */
export async function listVersions(
  ctx: Context,
  input: WantedVersions & { limit: number; before?: number | undefined },
): Promise<EntryVersion[]> {
  const guard = await guardVersions(ctx, input.type);
  const statement = keptVersions(ctx, input, guard, {
    which: sql`(${input.before ?? null}::int is null or version < ${input.before ?? null}::int)`,
    limit: sql`${input.limit}::int`,
  });
  return readStored(ctx, input.richText ?? "json", statement, (rows, show) => {
    if (rows.length === 0 && input.before === undefined) throw noSuchEntry(input.type, input.id);
    return rows.map((row) => shown(present(row, guard), input.type, show));
  });
}

const keptVersions = (
  ctx: Context,
  { type, id }: WantedVersions,
  guard: EditorialGuard | undefined,
  { which, limit }: { which: SQL; limit: SQL },
): SQL => sql`
    select version, name, created_by, cms_iso(created_at), ${DATA}${guard?.facts ?? sql``}
    from entry_versions kept
    where ${inEnvironment(ctx, "kept")} and kept.entry_id = ${id}
      and kept.type = ${type}${guard?.version ?? sql``} and ${which}
    order by version desc limit ${limit}`;

/**
 * One version of an entry, by default the latest; NOT_FOUND when it never existed or has expired. With
 * `isToBeSaved` the actor must be allowed to read all of it: FORBIDDEN.
 */
export async function readVersion(
  ctx: Context,
  input: WantedVersions & { version?: number | undefined; isToBeSaved?: boolean },
): Promise<EntryVersion> {
  requirePermission(ctx, "content:read-draft");
  const guard = await guardVersions(ctx, input.type);
  const statement = keptVersions(ctx, input, guard, {
    which: sql`(${input.version ?? null}::int is null or version = ${input.version ?? null}::int)`,
    limit: sql`1`,
  });
  return readStored(ctx, input.richText ?? "json", statement, ([row], show) => {
    if (!row) throw noSuchVersion(input);
    if (input.isToBeSaved && guard && !guard.isWhole(row[4], row[5]))
      throw new AppError(
        "FORBIDDEN",
        "access/field-not-readable",
        "This version has fields that your roles may not read: restoring requires read access to all of it.",
      );
    return shown(present(row, guard), input.type, show);
  });
}

/** What changed between two versions, value by value. */
export async function diffVersions(
  ctx: Context,
  input: WantedVersions & { from: number; to: number },
): Promise<Difference[]> {
  const guard = await guardVersions(ctx, input.type);
  const statement = sql`
    select version, ${DATA}${guard?.facts ?? sql``} from entry_versions kept
    where ${inEnvironment(ctx, "kept")} and kept.entry_id = ${input.id}
      and kept.type = ${input.type}${guard?.version ?? sql``}
      and version in (${input.from}::int, ${input.to}::int)`;
  return readStored(ctx, input.richText ?? "json", statement, (rows, show) => {
    const dataOf = (version: number) => {
      const row = rows.find(([one]) => one === version);
      if (!row) throw noSuchVersion({ ...input, version });
      return show(input.type, guard ? guard.thin(row[1], row[2]) : (row[1] as Values));
    };
    return diffValues(dataOf(input.from), dataOf(input.to));
  });
}

/** Names a version, which exempts it from expiry; null removes the name. */
export async function nameVersion(
  ctx: Context,
  input: { type: string; id: string; version: number; name: string | null },
): Promise<EntryVersion> {
  const guard = await guardVersions(ctx, input.type);
  const granted = guard
    ? sql`${guard.version} and exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = kept.entry_id${await grantedEntry(ctx, "entry", "content:write", [])})`
    : sql``;
  const { results } = await ctx.db.run(
    [
      sql`with saved as (update entry_versions kept set name = ${input.name}::text
        where ${inEnvironment(ctx, "kept")} and kept.entry_id = ${input.id}
          and kept.type = ${input.type} and kept.version = ${input.version}::int${granted} returning *),
        ${record(ctx, {
          event: "entry.version_named",
          from: sql`saved`,
          subject: sql`'entry:' || saved.entry_id`,
          payload: sql`jsonb_build_object('id', saved.entry_id, 'type', saved.type, 'version', saved.version)`,
          personal: { data: sql`jsonb_build_object('name', saved.name)` },
        })}
        select version, name, created_by, cms_iso(created_at), ${DATA}${guard?.facts ?? sql`, null`},
          (select id::text from event_row) from saved kept`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row) throw noSuchVersion(input);
  ctx.outbox.poke(ctx.tenantId, [row[6] as string]);
  return present(row, guard);
}

const shown = (version: EntryVersion, type: string, show: Show): EntryVersion => ({
  ...version,
  data: show(type, version.data),
});

function present(
  [version, name, createdBy, createdAt, data, facts]: Row,
  guard?: EditorialGuard,
): EntryVersion {
  return {
    version: version as number,
    name: name as string | null,
    created_by: createdBy as string,
    created_at: createdAt as string,
    data: guard ? guard.thin(data, facts) : (data as Values),
  };
}
