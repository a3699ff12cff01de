import { invalid, type AppError } from "../../../../core/errors.ts";
import { mediaExpectation, type MediaRules, type WriteNote } from "../../types/index.ts";
import { rulesKey, type Unfit } from "./fit-entry.ts";

/** A reference that its field cannot have, and what is known of what it leads to. */
export type Missing = {
  field: string;
  ordinal: number;
  id: string;
  type: string | null;
  to: string[] | null;
  trashed: boolean;
  /** An asset that does not keep to the rules of its field. */
  refused: {
    rules: MediaRules;
    mime: string | null;
    bytes: number | null;
    width: number | null;
    height: number | null;
  } | null;
};

/** What ids that were refused lead to. */
export function unfitOf(missing: Missing[]): Map<string, Unfit> {
  const found = new Map<string, Unfit>();
  for (const { id, type, trashed, refused } of missing) {
    const known = found.get(id) ?? { type, isTrashed: trashed, isThere: refused !== null, refusedBy: [] };
    if (refused) known.refusedBy.push(rulesKey(refused.rules));
    found.set(id, known);
  }
  return found;
}

function messageOf({ id, type, to, trashed, refused }: Missing): string {
  if (refused) {
    const { mime, bytes, width, height, rules } = refused;
    const facts = [mime ?? "of an unknown type", ...(bytes === null ? [] : [`${bytes} bytes`])];
    const size = width === null || height === null ? [] : [`${width} × ${height} pixels`];
    return `${id} is ${[...facts, ...size].join(", ")}: this field takes ${mediaExpectation(rules)}`;
  }
  if (type === null) return `${id} ${trashed ? "is in the trash" : "does not exist"}`;
  return `${id} is a ${type}: this field takes ${(to ?? []).join(" or ")}`;
}

/** An asset of which something is not known that its field asks. */
export type Unchecked = { field: string; ordinal: number; id: string; rules: string[] };

/** Notes of what could not be checked. */
export const uncheckedNotes = (unchecked: readonly Unchecked[] | null): WriteNote[] =>
  (unchecked ?? []).map((one) => ({
    path: pathOf(one),
    message: `${one.rules.join(" and ")} ${one.rules.length > 1 ? "were" : "was"} not checked: the size of ${one.id} is not known`,
    count: 1,
    level: "warning",
  }));

const pathOf = ({ field, ordinal }: { field: string; ordinal: number }): string =>
  ordinal === 0 ? field : `${field}[${ordinal}]`;

export function brokenReferences(missing: Missing[]): AppError {
  const details = missing.slice(0, 50).map((one) => ({
    path: pathOf(one),
    message: messageOf(one),
    target: one.id,
  }));
  return invalid("content/broken-reference", `${details[0]!.path}: ${details[0]!.message}.`, details);
}
