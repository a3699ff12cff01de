import { describe, expect, it } from "vitest";
import { planDefinitions } from "./plan-definitions.ts";
import type { Definitions } from "./read-definitions.ts";
import type { TypeDefinition } from "./schemas.ts";

const fields = [{ id: "title", type: "short_text" }] as unknown as TypeDefinition["fields"];
const named = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, name: "N", fields }));

/** An environment with so many types and components. */
function environmentOf(types: number, components: number): Definitions {
  const stored = <T extends { id: string }>(definitions: T[]) =>
    new Map(
      definitions.map((one) => [
        one.id,
        { id: one.id, version: 1, authored: one, definition: one, uses: [] as string[] },
      ]),
    );
  return {
    types: stored(named("old", types)),
    components: stored(named("part", components)),
  } as unknown as Definitions;
}

describe("the number of types and components of an environment", () => {
  it.each([
    ["types", 299, 1, true],
    ["types", 299, 2, false],
    ["types", 0, 301, false],
    ["components", 299, 1, true],
    ["components", 299, 2, false],
    ["components", 0, 301, false],
  ] as const)("%s: %i and %i more: %s", (kind, before, more, isAllowed) => {
    const current = kind === "types" ? environmentOf(before, 0) : environmentOf(0, before);
    const wanted = {
      types: [],
      components: [],
      [kind]: named("new", more).map((definition) => ({ definition })),
    };
    const plan = () => planDefinitions(current, wanted);
    if (isAllowed) expect(plan()[kind]).toHaveLength(more);
    else expect(plan).toThrow("at most 300");
  });

  it("those of a full environment can be changed", () => {
    const changed = { id: "old7", name: "Other", fields };
    expect(
      planDefinitions(environmentOf(300, 300), { types: [{ definition: changed }], components: [] }).types,
    ).toHaveLength(1);
  });
});
