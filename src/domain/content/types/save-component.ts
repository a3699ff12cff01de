import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { requireMet, type Precondition } from "../../../core/preconditions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import { changeDefinitions, type Changed } from "./change-definitions.ts";
import { parseComponent } from "./check-definition.ts";
import type { Component } from "./component-schemas.ts";
import { stepsOf, type ChangeStep } from "./change-steps.ts";
import { definitionsAfter } from "./plan-definitions.ts";
import { splitRenames } from "./renames.ts";
import { readDefinitions } from "./read-definitions.ts";
import { getComponent, noSuchComponent, presentComponent, usageOf } from "./read-components.ts";
import { requireVersion } from "./save-type.ts";
import { forgetSchema, lockEnvironment } from "./schema-of-environment.ts";

const MAX_TRIES = 3;

/** Creates a component; CONFLICT when the id is taken. */
export async function createComponent(ctx: Context, input: { definition: unknown }): Promise<Component> {
  requirePermission(ctx, "types:write");
  const definition = parseComponent(input.definition);
  const { current, written } = await changeDefinitions(
    ctx,
    ({ components }) => {
      if (!components.has(definition.id)) return { types: [], components: [{ definition }] };
      throw new AppError(
        "CONFLICT",
        "components/id-taken",
        `The component "${definition.id}" exists already: change it with PUT /components/${definition.id}.`,
        { details: [{ path: "id", message: "is taken" }] },
      );
    },
    { allowDataLoss: false },
  );
  return presentComponent(definition, written.components.get(definition.id)!, usageOf(current));
}

/** What a change of a component touches: the types that change with it, and how many entries they have. */
export type Touched = { type: string; entries: number }[];

type PutComponent = {
  component: Component;
  outcome: "created" | "updated" | "unchanged";
  touched: Touched;
  steps: ChangeStep[];
};

/**
 * Creates or replaces a component, and with it every type that uses it. What goes for a change of a
 * type goes for all of them together.
 */
export async function putComponent(
  ctx: Context,
  input: {
    id: string;
    definition: unknown;
    version?: number | undefined;
    precondition?: Precondition | undefined;
    allowDataLoss: boolean;
    dryRun: boolean;
    /** The id that it has until now. */
    from?: string | undefined;
  },
): Promise<PutComponent> {
  requirePermission(ctx, "types:write");
  const { definition: given, renames } = splitRenames(input.definition);
  const definition = parseComponent(given);
  if (definition.id !== input.id) {
    throw invalid("components/id-differs", "The id of a component cannot change.", [
      { path: "id", message: `must be "${input.id}", as in the path` },
    ]);
  }
  const changed = await changeDefinitions(
    ctx,
    ({ components }) => {
      const { version } = components.get(input.from ?? input.id) ?? components.get(input.id) ?? {};
      requireVersion("components/version-conflict", "component", input.version, version);
      requireMet(input.precondition, version ?? null);
      return { types: [], components: [{ definition, from: input.from, renames }] };
    },
    input,
  );
  const { current, change, written } = changed;
  const before = current.components.get(change.newIds.components.get(input.id) ?? input.id);
  const outcome = change.components.length === 0 ? "unchanged" : before ? "updated" : "created";
  const now = written.components.get(input.id);
  const touched = await touchedBy(ctx, changed);
  const usage = usageOf(definitionsAfter(current, change));
  const steps = input.dryRun ? await stepsOf(ctx, change) : [];
  if (now) return { component: presentComponent(definition, now, usage), outcome, touched, steps };
  if (outcome === "unchanged") return { component: await getComponent(ctx, input), outcome, touched, steps };
  const at = new Date().toISOString();
  const planned = { version: (before?.version ?? 0) + 1, created_at: at, updated_at: at };
  return { component: presentComponent(definition, planned, usage), outcome, touched, steps };
}

async function touchedBy(ctx: Context, { change, written }: Changed): Promise<Touched> {
  const isDone = written.types.size > 0;
  const ids = change.types.map(({ authored, stored }) => (isDone ? authored.id : (stored ?? authored).id));
  if (ids.length === 0) return [];
  const { rows } = await ctx.db.read(sql`select entry.type, count(*)::int from entries entry
    where ${inEnvironment(ctx, "entry")}
    and entry.type in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)) group by entry.type`);
  const entries = new Map(rows as [string, number][]);
  return ids.map((type) => ({ type, entries: entries.get(type) ?? 0 }));
}

/** Deletes a component that nothing uses. */
export async function deleteComponent(
  ctx: Context,
  input: { id: string; precondition?: Precondition | undefined },
): Promise<void> {
  requirePermission(ctx, "types:write");
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const current = await readDefinitions(ctx);
    const component = current.components.get(input.id);
    if (!component) throw noSuchComponent(input.id, current.components);
    requireMet(input.precondition, component.version);
    const { types, components } = usageOf(current)(input.id);
    if (types.length + components.length > 0) throw inUse(input.id, types, components);
    const { results } = await ctx.db.run([
      lockEnvironment(ctx),
      sql`with bumped as (update environments set schema_version = schema_version + 1
          where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid
          and schema_version = ${current.schemaVersion}::int returning 1),
        gone as (delete from components component where ${inEnvironment(ctx, "component")}
          and component.id = ${input.id} and exists (select 1 from bumped) returning *),
        ${record(ctx, {
          event: "component.deleted",
          from: sql`gone`,
          subject: sql`'component:' || gone.id`,
          payload: sql`jsonb_build_object('id', gone.id, 'version', gone.version)`,
        })}
        select id::text from event_row`,
    ]);
    forgetSchema(ctx);
    const outboxId = results[1]![0]?.[0];
    if (outboxId === undefined) continue;
    return ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  }
  throw new AppError("UNAVAILABLE", "types/changing", "Definitions are being changed: try again.");
}

function inUse(id: string, types: string[], components: string[]): AppError {
  const details = [
    ...types.map((one) => ({ path: `types.${one}`, message: "uses it" })),
    ...components.map((one) => ({ path: `components.${one}`, message: "uses it" })),
  ];
  const names = [...types, ...components].slice(0, 10).join(", ");
  return new AppError("CONFLICT", "components/in-use", `The component "${id}" is used by ${names}.`, {
    details: details.slice(0, 50),
  });
}
