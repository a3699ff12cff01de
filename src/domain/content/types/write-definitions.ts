import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { textArray } from "../../../db/text-array.ts";
import { pokeWritten, record, writtenEvents } from "../../tenant/events/index.ts";
import { isFoundOtherwise } from "./change-values.ts";
import { clashesOf } from "./clashing-names.ts";
import { fingerprintOf, type Found } from "./find-violations.ts";
import type { Hold } from "./hold-writers.ts";
import { policiesNow } from "./named-by-policies.ts";
import { newTargets, type DefinitionChange, type PlannedType } from "./plan-definitions.ts";
import type { Definitions } from "./read-definitions.ts";
import { rewriteStatements, withoutFields, type LostFields } from "./rewrite-entries.ts";
import { keepTogether, keepUnique } from "./find-duplicates.ts";
import { nameOfSet } from "./unique-together.ts";
import { fieldsBefore } from "./renames.ts";
import { renameStatements } from "./rename-statements.ts";
import { reshapeStatements } from "./reshape-entries.ts";
import { forgetSchema, lockEnvironment } from "./schema-of-environment.ts";

/** A definition as it was written: version, created_at, updated_at. */
export type Written = { version: number; created_at: string; updated_at: string };

/**
 * Writes a change of definitions in one transaction, with one new schema version. Undefined when the
 * definitions that it depends on, or the entries that were checked, changed meanwhile: plan again.
 */
export async function writeDefinitions(
  ctx: Context,
  current: Definitions,
  change: DefinitionChange,
  { hold, ...found }: Planned & { hold: Hold },
): Promise<{ types: Map<string, Written>; components: Map<string, Written> } | undefined> {
  const ready = IS_READY;
  const isRenaming = change.newIds.types.size + change.newIds.components.size > 0;
  const kept = { ready, locales: [...current.chains.keys()] };
  const first = [
    lockEnvironment(ctx, hold.by),
    hold.letGo(),
    markReady(readyWhen(ctx, current, change, found)),
    ...renameStatements(ctx, change.newIds, ready),
    ...change.types.flatMap(({ definition, reshape }) =>
      reshape ? reshapeStatements(ctx, definition.id, reshape, ready) : [],
    ),
    ...rewriteStatements(ctx, found.rewrites, sql`exists (${ready})`),
    ...markSingle(ctx, change.types, ready),
    ...change.types.flatMap(({ definition, before }) =>
      keepTogether(ctx, definition, before?.definition, kept),
    ),
    ...putInOrder(ctx, change.types, ready),
  ];
  const { results } = await ctx.db.run(
    [
      ...first,
      savingStatement(ctx, change, ready),
      ...change.types.flatMap(({ definition, before, reshape }) =>
        before ? keepUnique(ctx, definition, fieldsBefore(before.definition, reshape), reshape, kept) : [],
      ),
      ...(isRenaming ? [writtenEvents(ctx)] : []),
    ],
    { kind: change.types.some(({ before }) => before) ? "rebuild" : "write" },
  );
  forgetSchema(ctx);
  const rows = results[first.length]!;
  if (rows.length === 0) return undefined;
  if (isRenaming) pokeWritten(ctx, results.at(-1)!);
  else ctx.outbox.poke(ctx.tenantId, rows[0]![5] as string[]);
  return { types: writtenOf(rows, "type"), components: writtenOf(rows, "component") };
}

/** Writes the definitions and what they take away, with their events. */
function savingStatement(ctx: Context, change: DefinitionChange, ready: SQL): SQL {
  const lost = change.types.flatMap(lostFields);
  const described = change.types.filter((type) => !isNewShape(type)).map(({ authored }) => authored.id);
  const former = Object.fromEntries([
    ...[...change.newIds.types].map(([id, from]) => [`type:${id}`, from]),
    ...[...change.newIds.components].map(([id, from]) => [`component:${id}`, from]),
  ]);
  return sql`with ready as (${ready}), ${savedTypes(ctx, change.types)}, ${savedComponents(ctx, change)},
    bumped as (update environments set schema_version = schema_version + 1
      where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid
      and exists (select 1 from ready) and ${change.types.some(isNewShape) || change.components.length > 0}::boolean),
    ${lost.length > 0 ? sql`${withoutFields(ctx, lost)},` : sql``}
    written as (select *, ${JSON.stringify(former)}::jsonb ->> (kind || ':' || id) as former from (
      select 'type' as kind, id, version, created_at, updated_at, made_at from saved
      union all select 'component', id, version, created_at, updated_at, made_at from saved_components) each_one),
    ${record(ctx, {
      event: sql`written.kind || case when written.version = 1 then '.created'
        when written.former is not null then '.renamed'
        when written.kind = 'type' and written.id = any (${textArray(described)}) then '.described'
        else '.updated' end`,
      from: sql`written`,
      subject: sql`written.kind || ':' || written.id`,
      payload: sql`jsonb_build_object('id', written.id, 'version', written.version)
        || case when written.former is null then '{}' else jsonb_build_object('from', written.former) end`,
    })}
    select kind, id, version, cms_iso(created_at), cms_iso(updated_at),
      (select jsonb_agg(id::text) from event_row) from written`;
}

/** What a change was planned by, besides definitions: entries, and policies where it depends on them. */
type Planned = Found & { policies: string | undefined };

/** Whether all is as it was planned by is asked once: nobody else writes until the end of the transaction. */
const markReady = (ready: SQL): SQL =>
  sql`select set_config('app.is_change_ready', case when exists (${ready}) then 'on' else 'off' end, true)`;
const IS_READY = sql`select 1 where current_setting('app.is_change_ready', true) = 'on'`;

/** Whether more changes than hints for editors, which nothing else depends on. */
const isNewShape = ({ definition, stored }: PlannedType): boolean =>
  JSON.stringify(definition) !== JSON.stringify(stored?.definition);

/** Marks the entries of types that become singletons, or are none any more. */
const markSingle = (ctx: Context, types: PlannedType[], ready: SQL): SQL[] =>
  types
    .filter(({ definition, before }) => before && !definition.singleton !== !before.definition.singleton)
    .map(
      ({
        definition,
      }) => sql`update entries entry set is_single = ${definition.singleton ? true : null}::boolean
        where ${inEnvironment(ctx, "entry")} and entry.type = ${definition.id} and exists (${ready})`,
    );

/**
 * Puts the entries of types that become ordered into an order: that which they had when the type was
 * ordered before, then that in which they were made.
 */
const putInOrder = (ctx: Context, types: PlannedType[], ready: SQL): SQL[] =>
  types
    .filter(({ definition, before }) => before && definition.ordered && !before.definition.ordered)
    .map(
      ({ definition }) => sql`with placed as materialized (select entry.id,
          row_number() over (order by entry.order_key, entry.created_at, entry.id) * 2147483648 as place from entries entry
          where ${inEnvironment(ctx, "entry")} and entry.type = ${definition.id} and exists (${ready})),
        ordered as (update entries entry set order_key = placed.place from placed
          where ${inEnvironment(ctx, "entry")} and entry.id = placed.id)
        update published_entries shown set order_key = placed.place from placed
          where ${inEnvironment(ctx, "shown")} and shown.entry_id = placed.id`,
    );

const writtenOf = (rows: readonly Row[], wanted: string): Map<string, Written> =>
  new Map(
    rows
      .filter(([kind]) => kind === wanted)
      .map(([, id, version, created_at, updated_at]) => [
        id as string,
        { version, created_at, updated_at } as Written,
      ]),
  );

/** One row when everything is as it was when the change was planned. */
function readyWhen(ctx: Context, current: Definitions, change: DefinitionChange, found: Planned): SQL {
  const { types, components, users, newIds } = change;
  const versions = new Map(users.map(({ id, version }) => [id, version as number | null]));
  for (const { stored } of types) if (stored) versions.set(stored.id, stored.version);
  for (const { authored, stored } of types) if (authored.id !== stored?.id) versions.set(authored.id, null);
  const used = [...new Set(types.flatMap(({ uses }) => [...uses]))].filter((id) =>
    current.components.has(id),
  );
  const conditions = [
    unchanged(ctx, "content_types", [...versions]),
    unchanged(
      ctx,
      "components",
      used.map((id) => [id, current.components.get(id)!.version]),
    ),
    absent(
      ctx,
      "components",
      types.filter(({ before }) => !before).flatMap(({ authored }) => clashesOf({ type: authored.id })),
    ),
  ];
  const targets = types.flatMap(({ authored, before }) => [...newTargets(authored, before?.authored)]);
  const others = [...new Set(targets)].filter((id) => current.types.has(id));
  if (others.length > 0)
    conditions.push(sql`(select count(*) from content_types other where ${inEnvironment(ctx, "other")}
      and other.id = any (${textArray(others)})) = ${others.length}::int`);
  // Whatever a component could be inside of, or clash with, and what lists are made of, is a matter of
  // all definitions.
  const areLinked = [...current.types.values(), ...types].some(({ authored }) => authored.back_references);
  if (components.length + newIds.types.size > 0 || areLinked)
    conditions.push(sql`schema_version = ${current.schemaVersion}::int`);
  if (found.read.length > 0)
    conditions.push(
      sql`(${fingerprintOf(ctx, found.read)}) = ${found.fingerprint} and default_locale = ${current.defaultLocale}`,
    );
  if (found.policies !== undefined) conditions.push(sql`(${policiesNow(ctx)}) = ${found.policies}`);
  return sql`select 1 from environments where tenant_id = ${ctx.tenantId}::uuid
    and id = ${ctx.environmentId}::uuid and ${sql.join(conditions, sql` and `)}`;
}

const unchanged = (
  ctx: Context,
  table: "content_types" | "components",
  versions: [id: string, version: number | null][],
): SQL => sql`not exists (select 1 from jsonb_to_recordset(
    ${JSON.stringify(versions.map(([id, version]) => ({ id, version })))}::jsonb) as known(id text, version int)
  left join ${sql.raw(table)} at on ${inEnvironment(ctx, "at")} and at.id = known.id
  where at.version is distinct from known.version)`;

const absent = (ctx: Context, table: "content_types" | "components", ids: string[]): SQL =>
  sql`not exists (select 1 from ${sql.raw(table)} other where ${inEnvironment(ctx, "other")}
    and other.id = any (${textArray(ids)}))`;

/** CTE `saved`: the types as written, of which each version is kept. */
function savedTypes(ctx: Context, types: PlannedType[]): SQL {
  const given = types.map(({ authored, definition, uses }) => ({
    id: authored.id,
    definition,
    authored: JSON.stringify(authored) === JSON.stringify(definition) ? null : authored,
    uses: [...uses],
  }));
  const reshapes = types.flatMap(({ definition, reshape }) =>
    reshape ? [{ type: definition.id, steps: reshape.steps }] : [],
  );
  return sql`saved as (insert into content_types as type (tenant_id, environment_id, id, definition, authored,
      components)
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, given.id, given.definition, given.authored,
      given.uses
    from ready, json_to_recordset(${JSON.stringify(given)}::json)
      as given(id text, definition json, authored json, uses text[])
    on conflict (tenant_id, environment_id, id) do update
    set definition = excluded.definition, authored = excluded.authored, components = excluded.components,
      version = type.version + 1, updated_at = now()
    returning *),
  kept_reshapes as (insert into type_reshapes (tenant_id, environment_id, type, version, steps)
    select ${ctx.tenantId}::uuid, environment_id, id, version, given.steps from saved
      join jsonb_to_recordset(${JSON.stringify(reshapes)}::jsonb) as given(type text, steps jsonb)
      on given.type = saved.id),
  kept_types as (insert into content_type_versions (tenant_id, environment_id, type, version, definition,
      authored, created_by)
    select ${ctx.tenantId}::uuid, environment_id, id, version, definition, authored, ${ctx.actor.id} from saved
    on conflict (tenant_id, environment_id, type, version) do nothing)`;
}

/** CTE `saved_components`: the components as written, of which each version is kept. */
function savedComponents(ctx: Context, { components }: DefinitionChange): SQL {
  const given = components.map(({ definition }) => ({ id: definition.id, definition }));
  return sql`saved_components as (insert into components as component (tenant_id, environment_id, id, definition)
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, given.id, given.definition
    from ready, json_to_recordset(${JSON.stringify(given)}::json) as given(id text, definition json)
    on conflict (tenant_id, environment_id, id) do update
    set definition = excluded.definition, version = component.version + 1, updated_at = now()
    returning *),
  kept_components as (insert into component_versions (tenant_id, environment_id, component, version,
      definition, created_by)
    select ${ctx.tenantId}::uuid, environment_id, id, version, definition, ${ctx.actor.id}
    from saved_components on conflict (tenant_id, environment_id, component, version) do nothing)`;
}

/** Fields that are gone, and those that are found in another way than before. */
function lostFields({ definition, before: stored, reshape }: PlannedType): LostFields[] {
  if (!stored) return [];
  const before = fieldsBefore(stored.definition, reshape);
  const now = new Map(definition.fields.map((field) => [field.id, field]));
  const gone = before.fields.filter(({ id }) => !now.has(id)).map(({ id }) => id);
  const stale = before.fields
    .filter((field) => now.has(field.id) && isFoundOtherwise(field, now.get(field.id)!))
    .map(({ id }) => id)
    .concat(reshape?.stale ?? []);
  const sets = (definition.unique ?? []).map(nameOfSet);
  for (const ids of stored.definition.unique ?? [])
    if (!sets.includes(nameOfSet(ids))) stale.push(nameOfSet(ids));
  return gone.length + stale.length > 0 ? [{ type: definition.id, gone, stale }] : [];
}
