import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import type { ErrorDetail } from "../../../../core/errors.ts";
import type { Precondition } from "../../../../core/preconditions.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { mayBeNew, versionMeets } from "../../../../db/precondition-sql.ts";
import type { CompiledType } from "../../types/index.ts";
import { wholeData, type EntryValues, type MadeSlugs } from "../model/index.ts";
import type { LeftOut } from "../schemas.ts";
import type { WriteGuard } from "./guard-writes.ts";

/** How a write is meant. `locale` is where values of localised fields go; `*` takes them by locale. */
export type SaveOptions = { type: string; locale?: string | undefined; allowIncomplete?: boolean };

export type Save = SaveOptions & {
  mode: "create" | "patch" | "put";
  id: string;
  /** What the caller names the entry by, when that is not its id, which they may not be allowed to know. */
  name?: string;
  version?: number | undefined;
  precondition?: Precondition | undefined;
  createdAt?: string | undefined;
  fields: Record<string, unknown>;
  /**
   * Whether the id may have been an entry's before: its versions go on where they stopped, and it
   * leaves the trash.
   */
  reusesId?: boolean;
  /** Whether this is what the trash has under the id, read whole. */
  isRestored?: boolean;
  /**
   * What of it was left out, when it is stored data that is saved again; what it refers to must all be
   * there then.
   */
  leftOut?: LeftOut[];
  /** The data that is there, where the write depends on it. */
  before?: Record<string, unknown> | undefined;
  /** What the rules of the type forbid. */
  refusals?: ErrorDetail[];
  /** A patch of one field, which makes no version where that has the value already. */
  unlessSame?: string;
};

/** The data to come; of a patch what is not localised, over the row `entry`. */
export function dataAfter(input: Save, values: EntryValues, made: MadeSlugs | undefined): SQL {
  const data = JSON.stringify(input.mode === "patch" ? values.shared : wholeData(values));
  const given = input.mode === "patch" ? sql`(entry.data || ${data}::jsonb)` : sql`${data}::jsonb`;
  return made ? made.within(given) : given;
}

/** The place of a new entry: behind all others, where the type has an order. */
const lastPlace = (ctx: Context, { id, definition }: CompiledType): SQL =>
  definition.ordered
    ? sql`cms_last_place(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id})`
    : sql`null::bigint`;

/** Whether a row is at the version that the write is about. */
export const isExpected = ({ version, precondition }: Save, alias: string): SQL =>
  sql`(${version ?? null}::int is null or ${sql.raw(alias)}.version = ${version ?? null}::int)
    and ${versionMeets(precondition, sql.raw(`${alias}.version`))}`;

/** Whether a row has the value already that is all of the write. */
export const isSame = ({ unlessSame }: Save, { shared }: EntryValues, alias: string): SQL =>
  sql`((${sql.raw(alias)}.data ->> ${unlessSame}) is not distinct from ${shared[unlessSame!]}::text)`;

/** CTE `saved`: the entry as written, or no row. */
export function saved(
  ctx: Context,
  type: CompiledType,
  input: Save,
  values: EntryValues,
  { guard, made }: { guard: WriteGuard; made: MadeSlugs | undefined },
): SQL {
  const data = dataAfter(input, values, made);
  const marked = made ? sql`made_slugs = ${made.marks}, ` : sql``;
  const firstVersion = input.reusesId
    ? sql`coalesce((select max(kept.version) from entry_versions kept where ${inEnvironment(ctx, "kept")}
      and kept.entry_id = ${input.id}), 0) + 1`
    : sql`1`;
  // What was deleted stays its maker's.
  const maker = input.reusesId
    ? sql`coalesce((select made.created_by from trash made where ${inEnvironment(ctx, "made")}
      and made.id = ${input.id}), ${ctx.actor.id}::text)`
    : sql`${ctx.actor.id}`;
  const insert = sql`insert into entries as entry (tenant_id, environment_id, id, type, version, data,
    created_at, created_by, updated_by, is_single, order_key${made ? sql`, made_slugs` : sql``})
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${input.id}, ${type.id}, ${firstVersion},
      ${data},
      coalesce(${input.createdAt ?? null}::timestamptz, now()), ${maker}, ${ctx.actor.id},
      ${type.definition.singleton ? sql`true` : sql`null::boolean`}, ${lastPlace(ctx, type)}${made ? sql`, ${made.marks}` : sql``}
    from allowed where not exists (select 1 from before)${guard.grantedNew}`;
  const reviewed = type.definition.review?.publish_from;
  // A change after the review requires a new review.
  const stage = reviewed
    ? sql`stage = case when entry.stage in ${reviewed} then null else entry.stage end,`
    : sql``;
  if (input.mode === "create") return sql`saved as (${insert} on conflict do nothing returning *)`;
  if (input.mode === "put") {
    return sql`inserted as (${insert} and ${input.version ?? null}::int is null
      and ${mayBeNew(input.precondition)} on conflict do nothing returning *),
      updated as (update entries entry set data = ${data}, ${marked}${stage} version = entry.version + 1,
        updated_at = now(), updated_by = ${ctx.actor.id}
        from allowed where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id}
        and entry.type = ${type.id}
          and ${isExpected(input, "entry")} and entry.data is distinct from ${data}${guard.granted}
          returning entry.*),
      saved as (select * from inserted union all select * from updated)`;
  }
  const given = sql`entry.data || ${JSON.stringify(values.shared)}::jsonb || coalesce((select jsonb_object_agg(given.key,
    coalesce(entry.data -> given.key, '{}') || given.value)
    from jsonb_each(${JSON.stringify(values.localized)}::jsonb) given), '{}')`;
  const merged = made ? made.within(given) : given;
  return sql`saved as (update entries entry
    set data = ${merged}, ${marked}${stage} version = entry.version + 1, updated_at = now(),
      updated_by = ${ctx.actor.id}
    from allowed where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.type = ${type.id}
    and ${isExpected(input, "entry")}${input.unlessSame === undefined ? sql`` : sql` and not ${isSame(input, values, "entry")}`}
    ${guard.granted}
    returning entry.*)`;
}
