/** Names that FlowCMS keeps for itself. */
const RESERVED_TYPES = ["publish", "unpublish", "schedule", "bulk"];
const RESERVED_FIELDS = [
  ...["id", "type", "version", "status", "locale", "environment", "and", "or", "not"],
  ...["created_at", "created_by", "updated_at", "updated_by", "published_at", "published_version"],
];
const MAX_LENGTH = 63;

/**
 * What types, or the fields of a type, are called here: the same names in the same order give the same
 * answer.
 */
export function renameAll(ids: string[], kind: "type" | "field"): Map<string, string> {
  const reserved = kind === "type" ? RESERVED_TYPES : RESERVED_FIELDS;
  const taken = new Set<string>();
  const names = new Map<string, string>();
  // A name that fits as it is keeps it, whatever else would become the same.
  const inOrder = [...ids].sort((a, b) => Number(toSnakeCase(b) === b) - Number(toSnakeCase(a) === a));
  for (const id of inOrder) {
    let name = toSnakeCase(id);
    if (!/^[a-z]/.test(name)) name = name === "" ? kind : `${kind}_${name}`;
    if (reserved.includes(name)) name = `${name}_${kind}`;
    name = name.slice(0, MAX_LENGTH).replace(/_$/, "");
    const base = name.slice(0, MAX_LENGTH - 4).replace(/_$/, "");
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

function toSnakeCase(id: string): string {
  return id
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])(?=[A-Z][a-z])/g, "$1_")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
}
