import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { EXPECTATION_FAILED, expectationDetail } from "../../../db/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { schemaGuard } from "../entries/index.ts";
import { pokeWritten, writtenEvents } from "../../tenant/events/index.ts";
import { lockEnvironment, withSchema, type EnvironmentSchema } from "../types/index.ts";
import { applyStatements } from "./apply-sql.ts";
import { listSql, localeSets, seenSql } from "./find-findings.ts";
import { findingCtes } from "./findings-sql.ts";
import { isOrphan, makeTargets, noSuchRelease } from "./make-targets.ts";
import { detailOf, presentFinding, type FoundRow } from "./present-findings.ts";
import { notState, readRelease, releaseChanged } from "./releases.ts";
import { askRules, type Ruled } from "./rule-findings.ts";
import type { Finding, Release } from "./schemas.ts";
import { treeFindings } from "./tree-findings.ts";
import { entryOf, isOld, itemOf, listedOf, targetOf } from "./target-sql.ts";

export type Publishing = {
  id: string;
  version?: number | undefined;
  /** Only while it is scheduled, and the time has come. */
  isDue?: boolean;
};
const PUBLISHABLE: readonly Release["state"][] = ["open", "scheduled", "failed", "rolled_back"];
/** Of writers of the entries of a release at once, it wins soon. */
const MAX_TRIES = 10;

/**
 * Publishes a release: all of it in one transaction, or nothing. Throws CONFLICT
 * `releases/not-publishable` with what speaks against it, FORBIDDEN when the actor may not publish one
 * of its entries.
 */
export async function publishRelease(ctx: Context, input: Publishing): Promise<Release> {
  requirePermission(ctx, "releases:publish");
  requirePermission(ctx, "content:publish");
  for (let attempt = 1; ; attempt++) {
    await makeTargets(ctx, input.id);
    const done = await publishTargets(ctx, input);
    if (done) return readRelease(ctx, { id: input.id });
    if (attempt === MAX_TRIES)
      throw new AppError(
        "CONFLICT",
        "content/changed-meanwhile",
        "The data changed concurrently: try again.",
      );
  }
}

/** Whether it was published; not while the targets are old. */
function publishTargets(ctx: Context, input: Publishing): Promise<boolean> {
  return withSchema(ctx, {
    plan: (schema) => schema,
    async run(schema) {
      const ruled = await askRules(ctx, schema, input.id);
      if (ruled.rows.length > 0) throw notPublishable(presentAll(ctx, ruled.rows));
      const guard = guardStatement(ctx, schema, input, {
        ruled,
        sets: await localeSets(ctx, input.id),
        seen: await seenSql(ctx),
      });
      const lock = sql`select 1 from releases release where ${inEnvironment(ctx, "release")} and release.id = ${input.id} for update`;
      const statements = [
        lockEnvironment(ctx),
        lock,
        guard,
        ...treeGuard(ctx, schema, input),
        ...applyStatements(ctx, schema, input.id),
        writtenEvents(ctx),
      ];
      try {
        const { schemaVersion, results } = await ctx.db.run(statements, { kind: "rebuild" });
        pokeWritten(ctx, results.at(-1)!);
        return { schemaVersion, isDone: true };
      } catch (error) {
        const detail = expectationDetail(error);
        if (!detail) throw error;
        readGuard(ctx, input, JSON.parse(detail) as Guarded);
        const { schemaVersion } = await ctx.db.run([]);
        return { schemaVersion, isDone: false };
      }
    },
    read: ({ isDone }) => isDone,
  });
}

type Guarded = {
  state: Release["state"] | null;
  version?: number;
  items: number;
  is_old: boolean;
  findings: FoundRow[] | null;
};

/** Fails the transaction unless the release may be published as its targets are, saying why. */
function guardStatement(
  ctx: Context,
  schema: EnvironmentSchema,
  { id, version, isDue }: Publishing,
  { ruled, sets, seen }: { ruled: Ruled; sets: string[][]; seen: SQL | undefined },
): SQL {
  const isUnasked = sql`target.type in (select jsonb_array_elements_text(${JSON.stringify(schema.ruled ?? [])}::jsonb))
    and target.data is not null and item.action = 'publish' and item.restores is null
    and not ${JSON.stringify(Object.fromEntries(ruled.asked.map((one) => [one.id, one.basis])))}::jsonb
      @> jsonb_build_object(target.entry_id, target.basis)`;
  return sql`with ${schemaGuard(ctx, schema.version)}, ${findingCtes(ctx, schema, id, sets)},
    old as (select not exists (select 1 from schema_ok)
      or exists (select 1 from ${listedOf(ctx, id)} ${itemOf(ctx, id)} ${entryOf(ctx)} where ${isOld(ctx, schema, id)})
      or exists (select 1 from target where ${isOrphan(ctx, id)})
      or exists (select 1 from ${listedOf(ctx, id)} ${itemOf(ctx, id)} ${targetOf(ctx, id)} where ${isUnasked}) as is_old),
    guarded as (select (select state from release) as state, (select version from release) as version,
      ${isDue ? sql`(select due_at <= now() from release)` : sql`true`} as is_due,
      (select count(*) from item) as items, (select is_old from old) as is_old,
      (select count(*) from finding where is_error) as errors)
    select cms_expect(coalesce(state in ${isDue ? ["scheduled"] : [...PUBLISHABLE]} and is_due and version = coalesce(${version ?? null}::int, version)
        and items > 0 and not is_old and errors = 0, false), ${EXPECTATION_FAILED},
      (jsonb_build_object('state', state, 'version', version, 'items', items, 'is_old', is_old, 'findings',
        case when errors > 0 then ${listSql(seen, 50)} end))::text)
    from guarded`;
}

/** Fails the transaction where the release would break a tree, as it would be after it. */
function treeGuard(ctx: Context, schema: EnvironmentSchema, { id, isDue }: Publishing): SQL[] {
  const found = treeFindings(ctx, schema, id);
  if (!found) return [];
  return [
    sql`select set_config('app.environment', ${ctx.environmentId}, true), set_config('app.release', ${id}, true),
      set_config('search_path', 'flow_preview, public', true)`,
    sql`select cms_expect(found.list is null, ${EXPECTATION_FAILED}, jsonb_build_object(
      'state', ${isDue ? "scheduled" : "open"}::text, 'items', 1,
      'is_old', false, 'findings', found.list)::text) from (select (${found}) as list) found`,
    sql`select set_config('search_path', 'public', true)`,
  ];
}

/** Throws why a release was not published; nothing when its targets have to be made anew. */
function readGuard(
  ctx: Context,
  input: Publishing,
  { state, version, items, is_old: isOld, findings }: Guarded,
): void {
  if (state === null) throw noSuchRelease(input.id);
  if (!PUBLISHABLE.includes(state) || (input.isDue && state !== "scheduled")) throw notState(state);
  if (input.version !== undefined && version !== undefined && input.version !== version)
    throw releaseChanged(version, input.version);
  if (items === 0)
    throw invalid("releases/empty", "The release has no entries.", [
      { path: "items", message: "must have some" },
    ]);
  if (!isOld) throw notPublishable(presentAll(ctx, findings ?? []));
}

const presentAll = (ctx: Context, rows: FoundRow[]) => rows.map((row) => presentFinding(ctx, row));

/** CONFLICT with the errors among findings, FORBIDDEN when some of them are about what the actor may do. */
export function notPublishable(found: readonly Finding[]): AppError {
  const errors = found.filter(({ severity }) => severity === "error");
  const refused = errors.filter(({ reason }) => reason === "access/not-granted");
  const details = (refused.length > 0 ? refused : errors).map(detailOf);
  if (refused.length > 0)
    return new AppError(
      "FORBIDDEN",
      "access/not-granted",
      "Your roles do not let you publish every entry of the release.",
      { details },
    );
  const message = `The release cannot be published: ${errors[0]?.message ?? "it was scheduled for later."}`;
  return new AppError("CONFLICT", "releases/not-publishable", message, { details });
}
