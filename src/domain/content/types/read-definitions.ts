import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { notFound } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import type { ComponentDefinition } from "./component-schemas.ts";
import { chainsOf, type Locale } from "./schema-of-environment.ts";
import type { ResolvedType, TypeDefinition } from "./schemas.ts";

/** A content type as it is stored: as it was written, what that comes to, and the components it uses. */
export type StoredDefinition = {
  id: string;
  authored: TypeDefinition;
  definition: ResolvedType;
  version: number;
  uses: string[];
  /** The ids that it had. */
  former: readonly string[];
};
export type StoredComponent = {
  definition: ComponentDefinition;
  version: number;
  former: readonly string[];
};

/** All that the definitions of an environment are changed by, as they are in the database. */
export type Definitions = {
  schemaVersion: number;
  types: ReadonlyMap<string, StoredDefinition>;
  components: ReadonlyMap<string, StoredComponent>;
  defaultLocale: string;
  chains: ReadonlyMap<string, string[]>;
};

/** Reads them in one round trip; not from memory, which may be older. */
export async function readDefinitions(ctx: Context): Promise<Definitions> {
  const [environment, types, components] = await Promise.all([
    ctx.db.read(
      sql`select environment.schema_version, environment.default_locale, environment.locales
        from environments environment where environment.tenant_id = ${ctx.tenantId}::uuid
        and environment.id = ${ctx.environmentId}::uuid`,
      { kind: "editing" },
    ),
    ctx.db.read(sql`select type.id, type.definition, type.authored, type.version, to_jsonb(type.components),
        to_jsonb(type.former_ids)
      from content_types type where ${inEnvironment(ctx, "type")} order by type.made_at, type.id`),
    ctx.db
      .read(sql`select component.id, component.definition, component.version, to_jsonb(component.former_ids)
      from components component where ${inEnvironment(ctx, "component")}
      order by component.made_at, component.id`),
  ]);
  const row = environment.rows[0];
  if (!row) throw notFound("environments/not-found", "The environment does not exist.");
  const [schemaVersion, defaultLocale, locales] = row as [number, string, Locale[]];
  return {
    schemaVersion,
    defaultLocale,
    chains: chainsOf(locales),
    types: new Map(
      (types.rows as TypeRow[]).map(([id, definition, authored, version, uses, former]) => [
        id,
        { id, authored: authored ?? definition, definition, version, uses, former },
      ]),
    ),
    components: new Map(
      (components.rows as [string, ComponentDefinition, number, string[]][]).map(
        ([id, definition, version, former]) => [id, { definition, version, former }],
      ),
    ),
  };
}

type TypeRow = [
  id: string,
  definition: ResolvedType,
  authored: TypeDefinition | null,
  version: number,
  uses: string[],
  former: string[],
];
