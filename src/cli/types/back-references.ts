import type { TypeChange } from "./plan.ts";
import type { Definition, Model } from "./type-files.ts";

type List = { id: string; type: string; field: string };

const listsOf = (type: Definition | undefined): List[] =>
  (type?.["back_references"] ?? []) as unknown as List[];

/** Whether a back reference of `owner` leads to a field that is there and may refer to it. */
function holds({ types }: Model, owner: string, { type, field }: List): boolean {
  const found = types.find(({ id }) => id === type)?.fields.find(({ id }) => id === field);
  const to = found?.["to"] as string[] | undefined;
  return found !== undefined && (to === undefined || to.includes(owner));
}

/**
 * A wanted type with those back references that hold before and after all changes, or in what is made
 * with it: the others come when what they are made of is there.
 */
export function withLastingLists(
  type: Definition,
  { current, wanted }: { current: Model; wanted: Model },
  made: readonly string[] = [],
): Definition {
  if (listsOf(type).length === 0) return type;
  const lists = listsOf(type).filter(
    (list) => holds(wanted, type.id, list) && (holds(current, type.id, list) || made.includes(list.type)),
  );
  return { ...type, back_references: lists };
}

/** Changes in the order in which they can be: types that give up a back reference before what it is made of. */
export function inOrderOfLists(
  changes: readonly TypeChange[],
  { current, wanted }: { current: Model; wanted: Model },
): TypeChange[] {
  const givesUp = ({ kind, type: id }: TypeChange) =>
    kind === "type" &&
    listsOf(current.types.find((one) => one.id === id)).some((list) => !holds(wanted, id, list));
  return [...changes.filter(givesUp), ...changes.filter((one) => !givesUp(one))];
}

/** The types of which back references are left to be written once all changes are made. */
export const leftWithLists = (
  changes: readonly TypeChange[],
  applied: { current: Model; wanted: Model },
): Definition[] => {
  const made = changes.filter(({ action }) => action === "create").map(({ type }) => type);
  return applied.wanted.types.filter((type) => {
    const change = changes.find((one) => one.kind === "type" && one.type === type.id);
    if (!change || change.action === "delete") return false;
    const kept = withLastingLists(type, applied, change.action === "create" ? made : []);
    return listsOf(kept).length < listsOf(type).length;
  });
};
