import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { preconditionFailed, requireMet, type Precondition } from "../../../core/preconditions.ts";
import { versionMeets } from "../../../db/precondition-sql.ts";
import { record } from "../../tenant/events/index.ts";
import { checkDefinition } from "./check-definition.ts";
import { isOtherKind } from "./change-values.ts";
import type { CompiledType } from "./compile-type.ts";
import { findViolations, fingerprintOf, type Rewrite } from "./find-violations.ts";
import { rewriteStatements, withoutFields } from "./rewrite-entries.ts";
import { forgetSchema, lockEnvironment, schemaOf, type EnvironmentSchema } from "./schema-of-environment.ts";
import type { ContentType, TypeDefinition } from "./schemas.ts";

const MAX_TYPES = 300;
/** Characters of JSON: every isolate holds the definitions of an environment in memory. */
const MAX_ENVIRONMENT_CHARS = 8_000_000;
const MAX_TRIES = 3;

/** Creates a content type; CONFLICT when the id is taken. */
export async function createType(ctx: Context, input: { definition: unknown }): Promise<ContentType> {
  requirePermission(ctx, "types:write");
  const definition = checkDefinition(input.definition);
  const schema = await freshSchema(ctx);
  requireRoom(schema, definition);
  if (schema.types.has(definition.id)) {
    throw new AppError(
      "CONFLICT",
      "types/id-taken",
      `The content type "${definition.id}" exists already: change it with PUT /types/${definition.id}.`,
    );
  }
  return (await write(ctx, definition, undefined)) ?? createType(ctx, input);
}

/**
 * Creates or replaces a content type. A change that working copies or published versions violate is a
 * CONFLICT `types/violated` that lists them. Removing fields and blocks that have values, or changing
 * the type of such a field, needs `allowDataLoss`. An outdated `version` is a CONFLICT.
 */
export async function putType(
  ctx: Context,
  input: {
    id: string;
    definition: unknown;
    version?: number | undefined;
    precondition?: Precondition | undefined;
    allowDataLoss: boolean;
  },
): Promise<{ type: ContentType; outcome: "created" | "updated" | "unchanged" }> {
  requirePermission(ctx, "types:write");
  const definition = checkDefinition(input.definition);
  if (definition.id !== input.id) {
    throw invalid("types/id-differs", "The id of a content type cannot change.", [
      { path: "id", message: `must be "${input.id}", as in the path` },
    ]);
  }
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const schema = await freshSchema(ctx);
    requireRoom(schema, definition);
    const current = schema.types.get(input.id);
    if (input.version !== undefined && input.version !== (current?.version ?? 0)) {
      throw new AppError(
        "CONFLICT",
        "types/version-conflict",
        `The type is at version ${current?.version ?? 0}, not ${input.version}.`,
        {
          details: [{ path: "version", message: `is ${current?.version ?? 0} now` }],
        },
      );
    }
    requireMet(input.precondition, current?.version ?? null);
    if (current && JSON.stringify(current.definition) === JSON.stringify(definition)) {
      return { type: await readBack(ctx, input.id), outcome: "unchanged" };
    }
    const found = current
      ? await findViolations(ctx, current.definition, definition, {
          defaultLocale: schema.defaultLocale,
          chains: schema.chains,
          allowDataLoss: input.allowDataLoss,
        })
      : undefined;
    if (found && found.violations.length > 0) throw violated(input.id, found.violations);
    const { defaultLocale } = schema;
    const written = await write(
      ctx,
      definition,
      found && { ...found, ...lostFields(current!, definition), version: current!.version, defaultLocale },
    );
    if (written) return { type: written, outcome: current ? "updated" : "created" };
  }
  throw new AppError(
    "UNAVAILABLE",
    "types/changing",
    "Entries of this type are being written continuously: try again.",
  );
}

/** Deletes a content type that has no entries. */
export async function deleteType(
  ctx: Context,
  input: { id: string; precondition?: Precondition | undefined },
): Promise<void> {
  requirePermission(ctx, "types:write");
  const current = (await freshSchema(ctx)).types.get(input.id);
  if (!current) throw notFound("types/not-found", `There is no content type "${input.id.slice(0, 64)}".`);
  const { results } = await ctx.db.run([
    lockEnvironment(ctx),
    sql`with used as (select count(*)::int as entries
      from (select 1 from entries where ${inEnvironment(ctx)} and type = ${input.id} limit 1000) used_by),
      gone as (delete from content_types where ${inEnvironment(ctx)} and id = ${input.id}
        and (select entries from used) = 0
        and ${versionMeets(input.precondition, sql`version`)} returning *),
      ${bump(ctx, sql`exists (select 1 from gone)`)},
      ${record(ctx, {
        event: "type.deleted",
        from: sql`gone`,
        subject: sql`'type:' || gone.id`,
        payload: sql`jsonb_build_object('id', gone.id, 'version', gone.version)`,
      })}
      select (select entries from used), (select id::text from event_row)`,
  ]);
  const [entries, outboxId] = results[1]![0]!;
  forgetSchema(ctx);
  if (outboxId === null) {
    if (entries === 0) throw preconditionFailed(current.version);
    throw new AppError(
      "CONFLICT",
      "types/in-use",
      `${entries === 1000 ? "1,000 or more" : entries} entries are of the type "${input.id}": delete them first.`,
    );
  }
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

const inEnvironment = (ctx: Context) =>
  sql`tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid`;

const bump = (
  ctx: Context,
  when: SQL,
) => sql`bumped as (update environments set schema_version = schema_version + 1
  where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid and ${when}
  returning schema_version)`;

async function freshSchema(ctx: Context): Promise<EnvironmentSchema> {
  forgetSchema(ctx);
  const schema = await schemaOf(ctx);
  if (schema.types.size > MAX_TYPES)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "types/too-many",
      `An environment has at most ${MAX_TYPES} content types.`,
    );
  return schema;
}

/** Fields that are gone, and those that are found in another way than before. */
function lostFields({ fields }: CompiledType, { fields: now }: TypeDefinition) {
  const kept = new Map(now.map((field) => [field.id, field]));
  return {
    gone: [...fields.keys()].filter((id) => !kept.has(id)),
    stale: [...fields.values()]
      .filter((field) => kept.has(field.id) && isOtherKind(field, kept.get(field.id)!))
      .map(({ id }) => id),
  };
}

function requireRoom(schema: EnvironmentSchema, definition: TypeDefinition): void {
  let chars = JSON.stringify(definition).length;
  for (const type of schema.types.values())
    if (type.id !== definition.id) chars += JSON.stringify(type.definition).length;
  if (chars > MAX_ENVIRONMENT_CHARS)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "types/too-many",
      `The content types of an environment have at most ${MAX_ENVIRONMENT_CHARS} characters of JSON in total.`,
    );
}

/** What a new definition was checked against, and what it changes. */
type Change = {
  version: number;
  fingerprint: string;
  defaultLocale: string;
  rewrites: Rewrite[];
  gone: string[];
  stale: string[];
};

/**
 * Undefined when the type or its entries changed meanwhile: check again. Other types may change: it
 * waits for their turn.
 */
async function write(
  ctx: Context,
  definition: TypeDefinition,
  change: Change | undefined,
): Promise<ContentType | undefined> {
  const isNew = change === undefined;
  const before = sql`select 1 from content_types before where ${inEnvironment(ctx)} and before.id = ${definition.id}`;
  const same = isNew
    ? sql`not exists (${before})`
    : sql`exists (${before} and before.version = ${change.version}::int)
      and (${fingerprintOf(ctx, definition.id)}) = ${change.fingerprint}
      and default_locale = ${change.defaultLocale}`;
  const ready = sql`select 1 from environments where tenant_id = ${ctx.tenantId}::uuid
    and id = ${ctx.environmentId}::uuid and ${same}`;
  const loses = change !== undefined && change.gone.length + change.stale.length > 0;
  const { results } = await ctx.db.run(
    [
      lockEnvironment(ctx),
      ...(isNew ? [] : rewriteStatements(ctx, change.rewrites, sql`exists (${ready})`)),
      sql`with ready as (${ready}),
      saved as (insert into content_types as type (tenant_id, environment_id, id, definition)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${definition.id},
          ${JSON.stringify(definition)}::json from ready
        on conflict (tenant_id, environment_id, id) do update
        set definition = excluded.definition, version = type.version + 1, updated_at = now()
        returning *),
      ${bump(ctx, sql`exists (select 1 from saved)`)},
      ${loses ? sql`${withoutFields(ctx, definition.id, change.gone, change.stale)},` : sql``}
      kept_version as (insert into content_type_versions (tenant_id, environment_id, type, version,
        definition, created_by)
        select ${ctx.tenantId}::uuid, environment_id, id, version, definition, ${ctx.actor.id} from saved
        on conflict (tenant_id, environment_id, type, version) do nothing),
      ${record(ctx, {
        event: isNew ? "type.created" : "type.updated",
        from: sql`saved`,
        subject: sql`'type:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id, 'version', saved.version)`,
      })}
      select definition, version, cms_iso(created_at), cms_iso(updated_at), (select id::text from event_row)
      from saved`,
    ],
    { kind: isNew ? "write" : "rebuild" },
  );
  forgetSchema(ctx);
  const row = results.at(-1)![0];
  if (!row) return undefined;
  ctx.outbox.poke(ctx.tenantId, [row[4] as string]);
  return presentType(row);
}

async function readBack(ctx: Context, id: string): Promise<ContentType> {
  const { rows } = await ctx.db
    .read(sql`select definition, version, cms_iso(created_at), cms_iso(updated_at) from content_types
    where ${inEnvironment(ctx)} and id = ${id}`);
  return presentType(rows[0]!);
}

/** A row of definition, version, created_at, updated_at as the API answers it. */
export function presentType([definition, version, createdAt, updatedAt]: unknown[]): ContentType {
  return {
    ...(definition as TypeDefinition),
    version: version as number,
    created_at: createdAt as string,
    updated_at: updatedAt as string,
  };
}

function violated(id: string, violations: { path: string; message: string }[]): AppError {
  const message = `Existing entries of "${id}" do not fit the new definition: ${violations[0]!.path} ${violations[0]!.message}.`;
  return new AppError("CONFLICT", "types/violated", message, { details: violations });
}
