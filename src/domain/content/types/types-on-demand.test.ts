import { describe, expect, it, vi } from "vitest";
import { TypeDefinition } from "./schemas.ts";
import { TypesOnDemand } from "./types-on-demand.ts";

const stored = ["post", "page", "author"].map((id, i) => ({
  id,
  version: i + 1,
  definition: JSON.stringify(
    TypeDefinition.parse({ id, name: id, fields: [{ id: "title", type: "short_text" }] }),
  ),
}));

describe("types on demand", () => {
  it("are a map in the order that was given", () => {
    const types = new TypesOnDemand(stored);
    expect([types.size, types.has("page"), types.has("nope"), types.get("nope")]).toEqual([
      3,
      true,
      false,
      undefined,
    ]);
    expect([...types.keys()]).toEqual(["post", "page", "author"]);
    expect([...types.values()].map(({ version }) => version)).toEqual([1, 2, 3]);
    expect([...types].map(([id, type]) => [id, type.displayField?.id])).toEqual([
      ["post", "title"],
      ["page", "title"],
      ["author", "title"],
    ]);
    const seen: string[] = [];
    types.forEach((type, id) => seen.push(`${id}:${type.id}`));
    expect(seen).toEqual(["post:post", "page:page", "author:author"]);
  });

  it("are compiled when they are asked for, once, and say that they take more room", () => {
    const onGrowth = vi.fn();
    const types = new TypesOnDemand(stored, onGrowth);
    const before = types.bytes;
    expect([types.has("page"), [...types.keys()].length]).toEqual([true, 3]);
    expect(onGrowth).not.toHaveBeenCalled();
    const page = types.get("page");
    expect(types.get("page")).toBe(page);
    expect(onGrowth).toHaveBeenCalledTimes(1);
    expect(types.bytes).toBeGreaterThan(before);
    const grown = types.bytes;
    void [...types.values(), ...types.entries()];
    expect(onGrowth).toHaveBeenCalledTimes(3);
    expect(types.bytes).toBeGreaterThan(grown);
  });
});
