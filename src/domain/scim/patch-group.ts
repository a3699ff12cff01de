import * as z from "zod";
import { invalid } from "../../core/errors.ts";
import { readInput, type PatchOperation } from "./schemas.ts";

/** What operations on a group come to. `isWhole`: `add` is all there is to be. */
export type GroupChange = {
  name?: string;
  externalId?: string | null;
  isWhole: boolean;
  add: string[];
  remove: string[];
};

const Name = z.string().trim().min(1).max(200);
const One = z.object({ value: z.string().max(64) });
const Members = z.union([z.array(One).max(10_000), One.transform((one) => [one])]);

/** Reads the operations in their order; the later of two that contradict each other holds. */
export function readGroupPatch(operations: readonly PatchOperation[]): GroupChange {
  const add = new Set<string>();
  const remove = new Set<string>();
  const change: GroupChange = { isWhole: false, add: [], remove: [] };
  const put = (ids: string[], isIn: boolean) => {
    for (const id of ids) {
      (isIn ? add : remove).add(id);
      (isIn ? remove : add).delete(id);
    }
  };
  const empty = () => {
    change.isWhole = true;
    add.clear();
    remove.clear();
  };
  for (const { op, path, value } of operations) {
    const values =
      path === undefined ? (typeof value === "object" && value !== null ? value : {}) : { [path]: value };
    for (const [attribute, given] of Object.entries(values)) {
      const one = /^members\[\s*value\s+eq\s+"([^"]{1,64})"\s*\]$/i.exec(attribute)?.[1];
      const name = attribute.toLowerCase();
      if (one !== undefined && op === "remove") put([one], false);
      else if (name === "members") {
        if (op === "replace" || (op === "remove" && given === undefined)) empty();
        if (given !== undefined && given !== null)
          put(
            readInput(Members, given).map((member) => member.value),
            op !== "remove",
          );
      } else if (name === "displayname") change.name = readInput(Name, given);
      else if (name === "externalid")
        change.externalId = op === "remove" ? null : readInput(z.string().max(300), given);
      else if (path !== undefined)
        throw invalid(
          "scim/invalid-path",
          `There is no "${attribute.slice(0, 100)}" of a group to ${op}.`,
          [],
          400,
        );
    }
  }
  return { ...change, add: [...add], remove: [...remove] };
}
