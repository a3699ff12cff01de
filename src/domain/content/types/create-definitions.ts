import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { changeDefinitions, type Changed } from "./change-definitions.ts";
import { stepsOf, type ChangeStep } from "./change-steps.ts";
import { Component, ComponentDefinition } from "./component-schemas.ts";
import { definitionsAfter } from "./plan-definitions.ts";
import { BESIDE_COMPONENT, BESIDE_TYPE } from "./put-queries.ts";
import { listComponents, presentComponent, usageOf } from "./read-components.ts";
import { listTypes, presentType } from "./read-types.ts";
import { withoutAdded } from "./renames.ts";
import { requireVersion } from "./save-type.ts";
import { ContentType, TypeDefinition } from "./schemas.ts";
import type { Written } from "./write-definitions.ts";

/** Definitions that may refer to each other. */
export const NewDefinitions = z.strictObject({
  components: z.array(ComponentDefinition.extend(BESIDE_COMPONENT)).max(300).default([]),
  types: z.array(TypeDefinition.extend(BESIDE_TYPE)).max(300).default([]),
});
export const Definitions = z.object({ components: z.array(Component), types: z.array(ContentType) });
type Definitions = z.infer<typeof Definitions>;

/**
 * Creates content types and components together, or with `isReplacing` also changes those that are
 * there: all of them or none. CONFLICT when an id is taken.
 */
export async function createDefinitions(
  ctx: Context,
  input: { definitions: unknown; isReplacing?: boolean; allowDataLoss?: boolean; dryRun?: boolean },
): Promise<{ definitions: Definitions; steps: ChangeStep[]; isNew: boolean }> {
  requirePermission(ctx, "types:write");
  const given = parseInput(
    NewDefinitions,
    readable(input.definitions),
    "types/invalid-definition",
    "The definitions are not valid.",
  );
  const wanted = { types: given.types.map(split), components: given.components.map(split) };
  requireOnce(given.types, "types");
  requireOnce(given.components, "components");
  const changed = await changeDefinitions(
    ctx,
    ({ types, components }) => {
      requireExpected(wanted.types, types, input, TYPES);
      requireExpected(wanted.components, components, input, COMPONENTS);
      return wanted;
    },
    { allowDataLoss: input.allowDataLoss ?? false, dryRun: input.dryRun ?? false },
  );
  const { change } = changed;
  const isNew = [...change.types, ...change.components].some(({ stored }) => !stored);
  return {
    definitions: await present(ctx, changed, wanted),
    steps: input.dryRun ? await stepsOf(ctx, change) : [],
    isNew: isNew && !input.dryRun,
  };
}

/** Definitions may be given as they were read. */
function readable(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const plain = (list: unknown) => (Array.isArray(list) ? list.map(withoutAdded) : list);
  return Object.fromEntries(
    Object.entries(body).map(([key, list]) => [
      key,
      ["types", "components"].includes(key) ? plain(list) : list,
    ]),
  );
}

type Beside = z.infer<z.ZodObject<typeof BESIDE_TYPE>>;
type One<D> = { definition: D; from: string | undefined; version: number | undefined } & Omit<
  Beside,
  "rename_from" | "if_version"
>;

function split<D extends { id: string }>(given: D & Beside): One<D> {
  const { rename_from: from, if_version: version, renames, localize, unlocalize, ...definition } = given;
  return { definition: definition as unknown as D, from, version, renames, localize, unlocalize };
}

/** As they are written; what was as it is wanted, and what is only planned, as it is there. */
async function present(
  ctx: Context,
  { current, change, written }: Changed,
  { types, components }: { types: One<TypeDefinition>[]; components: One<ComponentDefinition>[] },
): Promise<Definitions> {
  const usage = usageOf(definitionsAfter(current, change));
  const isAllWritten =
    types.every(({ definition }) => written.types.has(definition.id)) &&
    components.every(({ definition }) => written.components.has(definition.id));
  const [knownTypes, knownComponents] = isAllWritten
    ? [[], []]
    : await Promise.all([listTypes(ctx), listComponents(ctx)]);
  const at = ctx.now().toISOString();
  const planned: Written = { version: 1, created_at: at, updated_at: at };
  return {
    components: components.map(({ definition }) => {
      const now = written.components.get(definition.id);
      const was = change.newIds.components.get(definition.id) ?? definition.id;
      const known = now ? undefined : knownComponents.find(({ id }) => id === was);
      return known ?? presentComponent(definition, now ?? planned, usage);
    }),
    types: types.map(({ definition }) => {
      const now = written.types.get(definition.id);
      const was = change.newIds.types.get(definition.id) ?? definition.id;
      const known = now ? undefined : knownTypes.find(({ id }) => id === was);
      return known ?? presentType(definition, now ?? planned);
    }),
  };
}

function requireOnce(definitions: { id: string }[], path: string): void {
  const ids = definitions.map(({ id }) => id);
  ids.forEach((id, i) => {
    if (ids.indexOf(id) === i) return;
    throw invalid("types/invalid-definition", "The definitions are not valid.", [
      { path: `${path}[${i}].id`, message: `"${id}" is used twice` },
    ]);
  });
}

type Kind = { path: string; slice: string; what: string };
const TYPES: Kind = { path: "types", slice: "types", what: "content type" };
const COMPONENTS: Kind = { path: "components", slice: "components", what: "component" };

/** What is there is only replaced where that is wanted, and as it was read. */
function requireExpected(
  wanted: readonly One<{ id: string }>[],
  current: ReadonlyMap<string, { version: number }>,
  { isReplacing }: { isReplacing?: boolean },
  { path, slice, what }: Kind,
): void {
  wanted.forEach(({ definition: { id }, from, version }, i) => {
    const now = current.get(from ?? id) ?? current.get(id);
    requireVersion(`${slice}/version-conflict`, `${what} "${id}"`, version, now?.version);
    if (isReplacing || from !== undefined || !current.has(id)) return;
    throw new AppError("CONFLICT", `${slice}/id-taken`, `The ${what} "${id}" exists already.`, {
      details: [{ path: `${path}[${i}].id`, message: "is taken" }],
    });
  });
}
