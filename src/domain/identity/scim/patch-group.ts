import * as z from "zod";
import { invalid } from "../../../core/errors.ts";
import { PlainName } from "../../../core/plain-name.ts";
import { findAttribute, GROUPS } from "./attributes.ts";
import { readPath, type Filter } from "./filter.ts";
import { isObject } from "./read-resource.ts";
import { badValue, MAX_MEMBERS, noTarget, readInput, type PatchOperation } from "./schemas.ts";

/** The combined effect of operations on a group. `isWhole`: `add` is the complete list of members. */
export type GroupChange = {
  name?: string;
  externalId?: string | null;
  isWhole: boolean;
  add: string[];
  remove: string[];
};

const One = z.union([
  z.object({ value: z.string().max(64) }).transform(({ value }) => value),
  z.string().max(64),
]);
const Members = z.union([z.array(One).max(MAX_MEMBERS), One.transform((one) => [one])]);

/** Reads the operations in their order; the later of two that contradict each other holds. */
export function readGroupPatch(operations: readonly PatchOperation[]): GroupChange {
  const members = newMembers();
  const change: Pick<GroupChange, "name" | "externalId"> = {};
  for (const { op, path, value } of operations) {
    if (path === undefined && op === "remove") throw noTarget("remove needs a path.");
    if (path === undefined && !isObject(value)) throw badValue("A value without a path must be an object.");
    const values = path === undefined ? Object.entries(value as object) : [[path, value] as const];
    for (const [text, given] of values) apply(text, op, given, path !== undefined);
  }
  return { ...change, ...members.change() };

  function apply(text: string, op: PatchOperation["op"], given: unknown, isNamed: boolean): void {
    const { path, filter, sub } = readPath(text);
    const found = findAttribute(GROUPS, path);
    const name = found?.sub === undefined && sub === undefined ? found?.attribute.name : undefined;
    const isGone = op === "remove" || given === null;
    if (name === "members" && filter) {
      if (op !== "remove") throw noTarget("A member can be added or removed, not changed.");
      members.remove(valuesOf(filter));
    } else if (name === "members") {
      if (op === "replace" || (isGone && (given === undefined || given === null))) members.empty();
      if (given !== undefined && given !== null)
        (op === "remove" ? members.remove : members.add)(readInput(Members, given, "members"));
    } else if (name === "displayName") {
      if (isGone) throw invalid("scim/mutability", "A group must have a displayName.", [], 400);
      change.name = readInput(PlainName.min(1), given, "displayName");
    } else if (name === "externalId")
      change.externalId = isGone ? null : readInput(z.string().max(300), given, "externalId");
    else if (isNamed && found?.attribute.mutability === "readOnly")
      throw invalid("scim/mutability", `"${found.attribute.name}" is read only.`, [], 400);
    else if (isNamed)
      throw invalid("scim/invalid-path", `A group has no "${text.slice(0, 100)}" to ${op}.`, [], 400);
  }
}

function newMembers() {
  const [coming, going] = [new Set<string>(), new Set<string>()];
  let isWhole = false;
  const put = (to: Set<string>, from: Set<string>) => (ids: readonly string[]) => {
    for (const id of ids) {
      to.add(id);
      from.delete(id);
    }
  };
  return {
    add: put(coming, going),
    remove: put(going, coming),
    empty() {
      isWhole = true;
      coming.clear();
      going.clear();
    },
    change: () => ({ isWhole, add: [...coming], remove: [...going] }),
  };
}

/** The ids that `value eq "…"`, or several of those joined by `or`, name. */
function valuesOf(filter: Filter): string[] {
  if (filter.op === "or") return filter.filters.flatMap(valuesOf);
  if (filter.op === "eq" && filter.path.toLowerCase() === "value" && typeof filter.value === "string")
    return [filter.value];
  throw invalid(
    "scim/invalid-filter",
    'Members can only be selected by value eq "…", combined with or.',
    [],
    400,
  );
}
