import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { changeDefinitions } from "./change-definitions.ts";
import { Component, ComponentDefinition } from "./component-schemas.ts";
import { definitionsAfter } from "./plan-definitions.ts";
import { presentComponent, usageOf } from "./read-components.ts";
import { presentType } from "./read-types.ts";
import { ContentType, TypeDefinition } from "./schemas.ts";

/** Definitions that may refer to each other. */
export const NewDefinitions = z.strictObject({
  components: z.array(ComponentDefinition).max(300).default([]),
  types: z.array(TypeDefinition).max(300).default([]),
});
export const Definitions = z.object({ components: z.array(Component), types: z.array(ContentType) });

/** Creates content types and components together: all of them or none. CONFLICT when an id is taken. */
export async function createDefinitions(
  ctx: Context,
  input: { definitions: unknown },
): Promise<z.infer<typeof Definitions>> {
  requirePermission(ctx, "types:write");
  const wanted = parseInput(
    NewDefinitions,
    input.definitions,
    "types/invalid-definition",
    "The definitions are not valid.",
  );
  requireOnce(wanted.types, "types");
  requireOnce(wanted.components, "components");
  const { current, change, written } = await changeDefinitions(
    ctx,
    ({ types, components }) => {
      requireNew(wanted.types, types, { path: "types", reason: "types/id-taken", what: "content type" });
      requireNew(wanted.components, components, {
        path: "components",
        reason: "components/id-taken",
        what: "component",
      });
      const one = <T>(definition: T) => ({ definition });
      return { types: wanted.types.map(one), components: wanted.components.map(one) };
    },
    { allowDataLoss: false },
  );
  const usage = usageOf(definitionsAfter(current, change));
  return {
    components: wanted.components.map((one) => presentComponent(one, written.components.get(one.id)!, usage)),
    types: wanted.types.map((one) => presentType(one, written.types.get(one.id)!)),
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

function requireNew(
  wanted: readonly { id: string }[],
  current: ReadonlyMap<string, unknown>,
  { path, reason, what }: { path: string; reason: string; what: string },
): void {
  const at = wanted.findIndex(({ id }) => current.has(id));
  if (at === -1) return;
  throw new AppError("CONFLICT", reason, `The ${what} "${wanted[at]!.id}" exists already.`, {
    details: [{ path: `${path}[${at}].id`, message: "is taken" }],
  });
}
