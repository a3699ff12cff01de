import { sql, type SQL } from "drizzle-orm";
import { BoundedCache } from "../../../core/bounded-cache.ts";
import type { Context } from "../../../core/context.ts";
import { AppError, notFound } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/nearest.ts";
import type { CompiledType } from "./compile-type.ts";
import { TypesOnDemand } from "./types-on-demand.ts";

export type Locale = { code: string; fallback?: string };

/** What an environment's entries are made of, at one schema version. Immutable: a change makes a new one. */
export type EnvironmentSchema = {
  version: number;
  types: ReadonlyMap<string, CompiledType>;
  /** Ids of types that may have conditions to be kept by what is published. */
  ruled?: readonly string[];
  /** The reusable components that types use, each with the oldest type that does. */
  components?: ReadonlyMap<string, string>;
  /** The types whose entries are trees, each with the field that leads to the parent of an entry. */
  trees?: ReadonlyMap<string, string>;
  /** Ids that types had, with the present ones. */
  formerTypes?: ReadonlyMap<string, string>;
  defaultLocale: string;
  /** Each locale with the chain of locales its values are looked up in, itself first. */
  chains: ReadonlyMap<string, string[]>;
  /**
   * What GraphQL answers: introspection unless it is false, and every document unless only registered
   * ones are run.
   */
  graphql: { introspection?: boolean; registered_only?: boolean };
};

const HAS_RULES = /"(?:rules|component_rules|required_if)"\s*:/;
const SCHEMA_BYTES = 32 * 1024 * 1024;
const LEAST_BYTES = 1000;
const schemas = new BoundedCache<EnvironmentSchema>(SCHEMA_BYTES, SCHEMA_BYTES);

/**
 * The environment's schema, from the isolate's memory when it is there. It may be stale: see
 * `withSchema`.
 */
export async function schemaOf(ctx: Context): Promise<EnvironmentSchema> {
  return schemas.get(keyOf(ctx)) ?? (await loadSchema(ctx));
}

/** Work that depends on the schema: `plan` may throw input errors, `run` makes one database call. */
export type SchemaWork<Plan, Answer, Result> = {
  plan(schema: EnvironmentSchema): Plan;
  run(plan: Plan): Promise<Answer>;
  read(answer: Answer, schema: EnvironmentSchema, plan: Plan): Result;
};

const MAX_TRIES = 4;

/**
 * Runs work with the schema in memory, in one round trip. When the database reports another schema
 * version, or planning fails with an outdated schema, it reloads the schema and runs the work again.
 */
export async function withSchema<Plan, Answer extends { schemaVersion: number | null }, Result>(
  ctx: Context,
  work: SchemaWork<Plan, Answer, Result>,
): Promise<Result> {
  let schema = await schemaOf(ctx);
  for (let attempt = 1; ; attempt++) {
    let plan: Plan;
    try {
      plan = work.plan(schema);
    } catch (error) {
      const { schemaVersion } = await ctx.db.run([]);
      if (schemaVersion === schema.version || attempt === MAX_TRIES) throw error;
      schema = await loadSchema(ctx);
      continue;
    }
    const answer = await work.run(plan);
    if (answer.schemaVersion === schema.version) return work.read(answer, schema, plan);
    if (attempt === MAX_TRIES) {
      throw new AppError("UNAVAILABLE", "types/changing", "The content types are being changed: try again.");
    }
    schema = await loadSchema(ctx);
  }
}

/**
 * Waits until no entry is being written in the environment, and has new writers wait until commit;
 * refused while somebody else than `holder` holds them.
 */
export const lockEnvironment = (ctx: Context, holder: string | null = null): SQL =>
  sql`select cms_lock_environment(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${holder}::text)`;

/** The compiled type of that id; throws NOT_FOUND `content/unknown-type` with the nearest name. */
export function typeOf(schema: EnvironmentSchema, id: string): CompiledType {
  const type = schema.types.get(id);
  if (type) return type;
  const now = schema.formerTypes?.get(id);
  const hint = now === undefined ? didYouMean(id, schema.types.keys()) : calledNow(now);
  throw notFound("content/unknown-type", `There is no content type "${id.slice(0, 64)}".${hint}`);
}

/** What is said of an id that something had before; nothing when nothing did. */
export const calledNow = (now: string | undefined): string =>
  now === undefined ? "" : ` It is called "${now}" now.`;

async function loadSchema(ctx: Context): Promise<EnvironmentSchema> {
  const { rows, schemaVersion } = await ctx.db.read(
    sql`select environment.schema_version, environment.default_locale, environment.locales,
          coalesce((select json_agg(json_build_array(id, definition::text, version, components,
            definition ->> 'parent', is_inner_indexed, former_ids) order by made_at, id)
            from content_types
            where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid),
              '[]'::json), environment.graphql
        from environments environment
        where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid`,
    { kind: "editing" },
  );
  const row = rows[0];
  if (schemaVersion === null || !row)
    throw notFound("environments/not-found", "The environment does not exist.");
  const [version, defaultLocale, locales, types, graphql] = row as [
    number,
    string,
    Locale[],
    [
      id: string,
      definition: string,
      version: number,
      components: string[],
      parent: string | null,
      isInnerIndexed: boolean,
      former: string[],
    ][],
    EnvironmentSchema["graphql"],
  ];
  const key = keyOf(ctx);
  const stored = types.map(([id, definition, of, , , isInnerIndexed]) => ({
    ...{ id, definition, isInnerIndexed },
    version: of,
  }));
  const components = new Map(
    types.toReversed().flatMap(([id, , , used]) => used.map((component) => [component, id] as const)),
  );
  const trees = new Map(
    types.flatMap(([id, , , , parent]) => (parent === null ? [] : [[id, parent] as const])),
  );
  const former = new Map(types.flatMap(([id, , , , , , old]) => old.map((one) => [one, id] as const)));
  const onDemand = new TypesOnDemand(stored, () => {
    if (schemas.get(key) === schema) keep();
  });
  const schema: EnvironmentSchema = {
    version,
    defaultLocale,
    graphql,
    chains: chainsOf(locales),
    types: onDemand,
    ...(components.size > 0 ? { components } : {}),
    ...(trees.size > 0 ? { trees } : {}),
    ...(former.size > 0 ? { formerTypes: former } : {}),
    ruled: stored.filter(({ definition }) => HAS_RULES.test(definition)).map(({ id }) => id),
  };
  const keep = () => schemas.set(key, schema, LEAST_BYTES + onDemand.bytes);
  keep();
  return schema;
}

/** Drops the environment's schema from memory after this isolate changed it. */
export function forgetSchema(ctx: Context): void {
  schemas.delete(keyOf(ctx));
}

/** Each locale with the chain of locales its values are looked up in, itself first. */
export const chainsOf = (locales: Locale[]): ReadonlyMap<string, string[]> =>
  new Map(locales.map((locale) => [locale.code, chainOf(locale, locales)]));

function chainOf(locale: Locale, locales: Locale[]): string[] {
  const chain: string[] = [];
  let at: Locale | undefined = locale;
  while (at && !chain.includes(at.code)) {
    chain.push(at.code);
    const { fallback }: Locale = at;
    at = locales.find((one) => one.code === fallback);
  }
  return chain;
}

const keyOf = (ctx: Context) => `${ctx.tenantId}:${ctx.environmentId}`;
