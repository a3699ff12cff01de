import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import { AppError } from "../../../core/errors.ts";
import type { EventName } from "../../../core/events.ts";
import { newId } from "../../../core/ids.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import { noSuchRelease } from "./make-targets.ts";
import type { NewRelease, Release, ReleaseChange, ReleasesQuery } from "./schemas.ts";

/** Releases that are not published yet, in one environment. */
const MAX_OPEN = 200;
/** The states in which a release may be changed: nobody adds to what somebody else has scheduled. */
const CHANGEABLE_STATES: readonly Release["state"][] = ["open", "failed", "rolled_back"];
export const CHANGEABLE = sql.raw(`('${CHANGEABLE_STATES.join("', '")}')`);

const NAMES = [
  ...[
    "id",
    "name",
    "description",
    "version",
    "state",
    "items",
    "allow_broken_references",
    "due_at",
    "time_zone",
  ],
  ...[
    "failure",
    "inverse_of",
    "rolled_back_by",
    "created_at",
    "created_by",
    "updated_at",
    "published_at",
    "published_by",
  ],
];

/** The columns of the row `release` as `presentRelease` reads them. */
export const releaseColumns = (
  ctx: Context,
): SQL => sql`release.id, release.name, release.description, release.version,
  release.state, (select count(*)::int from release_items item where ${inEnvironment(ctx, "item")} and item.release_id = release.id),
  release.allow_broken_references, cms_iso(release.due_at), release.time_zone, release.failure, release.inverse_of,
  release.rolled_back_by, cms_iso(release.created_at), release.created_by, cms_iso(release.updated_at),
  cms_iso(release.published_at), release.published_by`;

export const presentRelease = (row: Row): Release =>
  Object.fromEntries(NAMES.map((name, i) => [name, row[i]])) as Release;

/** Creates a release without entries. */
export async function createRelease(ctx: Context, wanted: NewRelease): Promise<Release> {
  requirePermission(ctx, "releases:write");
  const id = newId("rel", ctx.now().getTime());
  const { results } = await ctx.db.run(
    [
      sql`with open as (select count(*) as total from releases release where ${inEnvironment(ctx, "release")}
        and release.state in ('open', 'scheduled', 'failed')),
      saved as (insert into releases (tenant_id, environment_id, id, name, description, allow_broken_references,
          created_by, updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id}, ${wanted.name}, ${wanted.description ?? null}::text,
          ${wanted.allow_broken_references ?? false}::boolean, ${ctx.actor.id}, ${ctx.actor.id}
        from open where open.total < ${MAX_OPEN} returning *),
      ${recordRelease(ctx, "release.created")}
      select (select id::text from event_row), ${releaseColumns(ctx)} from saved release`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "releases/too-many",
      `At most ${MAX_OPEN} releases can be unpublished.`,
    );
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return presentRelease(row.slice(1));
}

/** CTEs that record an event of the releases in `saved`. */
export const recordRelease = (ctx: Context, event: EventName, meta = sql`'{}'::jsonb`): SQL =>
  record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'release:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    meta,
  });

/** Releases, the newest first. */
export async function listReleases(
  ctx: Context,
  input: ReleasesQuery,
): Promise<{ data: Release[]; nextCursor: string | null }> {
  requirePermission(ctx, "releases:read");
  const [after] = input.cursor === undefined ? [null] : decodeCursor(input.cursor, "releases", 1);
  const { rows } = await ctx.db.read(sql`select ${releaseColumns(ctx)} from releases release
    where ${inEnvironment(ctx, "release")} and (${input.state ?? null}::text is null or release.state = ${input.state ?? null}::text)
      and (${input.entry ?? null}::text is null or exists (select 1 from release_items one
        where ${inEnvironment(ctx, "one")} and one.release_id = release.id and one.entry_id = ${input.entry ?? null}::text))
      and (${after}::text is null or release.id < ${after}::text)
    order by release.id desc limit ${input.limit + 1}::int`);
  const data = rows.slice(0, input.limit).map(presentRelease);
  const isMore = rows.length > input.limit;
  return { data, nextCursor: isMore ? encodeCursor("releases", [data.at(-1)!.id]) : null };
}

/** One release; NOT_FOUND when there is none. */
export async function readRelease(ctx: Context, { id }: { id: string }): Promise<Release> {
  requirePermission(ctx, "releases:read");
  const { rows } = await ctx.db.read(sql`select ${releaseColumns(ctx)} from releases release
    where ${inEnvironment(ctx, "release")} and release.id = ${id}`);
  if (!rows[0]) throw noSuchRelease(id);
  return presentRelease(rows[0]);
}

/** Changes what is said of a release; CONFLICT when it is scheduled or published. */
export async function changeRelease(
  ctx: Context,
  { id, ...change }: ReleaseChange & { id: string },
): Promise<Release> {
  requirePermission(ctx, "releases:write");
  const set = [
    ...(change.name === undefined ? [] : [sql`name = ${change.name}`]),
    ...(change.description === undefined ? [] : [sql`description = ${change.description}::text`]),
    ...(change.allow_broken_references === undefined
      ? []
      : [sql`allow_broken_references = ${change.allow_broken_references}::boolean`]),
    sql`version = release.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}`,
  ];
  const isVersion = sql`release.version = coalesce(${change.version ?? null}::int, release.version)`;
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}),
      saved as (update releases release set ${sql.join(set, sql`, `)} where ${inEnvironment(ctx, "release")}
        and release.id = ${id} and release.state in ${CHANGEABLE} and ${isVersion} returning *),
      ${recordRelease(ctx, "release.updated")}
      select (select id::text from event_row), ${releaseColumns(ctx)} from (select * from saved
        union all select * from before where not exists (select 1 from saved)) release`,
    ],
    { write: true },
  );
  return readChanged(ctx, id, results[0]![0], change.version);
}

/** The release after a change; throws why it was not changed. */
export function readChanged(ctx: Context, id: string, row: Row | undefined, version?: number): Release {
  if (!row) throw noSuchRelease(id);
  const release = presentRelease(row.slice(1));
  if (row[0] === null && !CHANGEABLE_STATES.includes(release.state)) throw notState(release.state);
  if (row[0] === null && version !== undefined) throw releaseChanged(release.version, version);
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return release;
}

/** CONFLICT: in this state it cannot be done. */
export function notState(state: Release["state"]): AppError {
  const advice = state === "scheduled" ? "cancel its schedule first" : "make another one";
  return new AppError(
    "CONFLICT",
    "releases/wrong-state",
    `The release is ${state.replace("_", " ")}: ${advice}.`,
    {
      details: [{ path: "state", message: `is ${state}` }],
    },
  );
}

export function releaseChanged(current: number, asked: number): AppError {
  return new AppError(
    "CONFLICT",
    "releases/version-conflict",
    `The release is at version ${current}, not ${asked}: read it again and repeat the change.`,
    { details: [{ path: "version", message: `is ${current} now`, current_version: current }] },
  );
}

/** Deletes a release; its entries stay as they are. CONFLICT while it is scheduled. */
export async function deleteRelease(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx, "releases:write");
  const { results } = await ctx.db.run(
    [
      sql`with before as (select state from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}),
      saved as (delete from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}
        and release.state <> 'scheduled' returning *),
      ${recordRelease(ctx, "release.deleted")}
      select (select id::text from event_row), (select state from before)`,
      // What was made of it has no key to it.
      ...["release_docs", "release_fields", "release_refs", "release_texts"].map(
        (
          table,
        ) => sql`delete from ${sql.raw(table)} old where ${inEnvironment(ctx, "old")} and old.release_id = ${id}
          and not exists (select 1 from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id})`,
      ),
    ],
    { write: true },
  );
  const [outboxId, state] = results[0]![0]!;
  if (state === null) throw noSuchRelease(id);
  if (outboxId === null) throw notState(state as Release["state"]);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
