import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { notFound, type AppError } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/nearest.ts";
import type { Component, ComponentDefinition } from "./component-schemas.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { presentIdOf } from "./new-ids.ts";
import { readDefinitions, type Definitions } from "./read-definitions.ts";
import { resolverOf } from "./resolve-components.ts";
import { calledNow } from "./schema-of-environment.ts";
import type { Written } from "./write-definitions.ts";

/** Every component of the environment, by id; there are at most 300. */
export async function listComponents(ctx: Context): Promise<Component[]> {
  const [definitions, { rows }] = await Promise.all([
    readDefinitions(ctx),
    ctx.db.read(sql`select component.id, component.version, cms_iso(component.created_at),
        cms_iso(component.updated_at)
      from components component where ${inEnvironment(ctx, "component")} order by component.id`),
  ]);
  const usage = usageOf(definitions);
  return (rows as [string, number, string, string][]).map(([id, version, created_at, updated_at]) =>
    presentComponent(definitions.components.get(id)!.definition, { version, created_at, updated_at }, usage),
  );
}

/** One component; NOT_FOUND `components/not-found`. */
export async function getComponent(ctx: Context, input: { id: string }): Promise<Component> {
  const all = await listComponents(ctx);
  const found = all.find(({ id }) => id === input.id);
  if (!found) throw noSuchComponent(input.id, (await readDefinitions(ctx)).components);
  return found;
}

export function noSuchComponent(id: string, known: Definitions["components"]): AppError {
  const now = presentIdOf(known, id);
  const hint = now === undefined ? didYouMean(id.slice(0, 64), known.keys()) : calledNow(now);
  return notFound("components/not-found", `There is no component "${id.slice(0, 64)}".${hint}`);
}

export type UsageOf = (id: string) => Component["usage"];

/** Which types and components use a component, also through other components. */
export function usageOf({ types, components }: Pick<Definitions, "types" | "components">): UsageOf {
  const resolve = resolverOf(new Map([...components].map(([id, { definition }]) => [id, definition])));
  const within = [...components.values()].map(({ definition }) => ({
    id: definition.id,
    uses: resolve(definition.fields, "", []).uses,
  }));
  const sorted = (ids: string[]) => ids.sort();
  return (id) => ({
    types: sorted([...types.values()].filter(({ uses }) => uses.includes(id)).map((type) => type.id)),
    components: sorted(within.filter(({ uses }) => uses.has(id)).map((one) => one.id)),
  });
}

export const presentComponent = (
  definition: ComponentDefinition,
  written: Written,
  usage: UsageOf,
): Component => ({ ...definition, ...written, usage: usage(definition.id) });
