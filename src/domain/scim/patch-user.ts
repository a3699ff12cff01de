import { Flag, readInput, type PatchOperation } from "./schemas.ts";
import { partsOf } from "./user-resource.ts";

/** What provisioning can change of a user; null takes an external id away. */
export type UserChange = { userName?: string; name?: string; active?: boolean; externalId?: string | null };

/**
 * What the operations come to, in the shapes that Okta (`{ op: "replace", value: { active: false } }`) and Entra ID
 * (`{ op: "Replace", path: "active", value: "False" }`) send. Attributes that are not kept here are passed over.
 */
export function readUserPatch(operations: readonly PatchOperation[], nameBefore: string): UserChange {
  const change: UserChange = {};
  for (const { op, path, value } of operations) {
    const values =
      path === undefined ? (typeof value === "object" && value !== null ? value : {}) : { [path]: value };
    for (const [attribute, given] of Object.entries(values))
      apply(change, attribute, op === "remove" ? null : given, nameBefore);
  }
  return change;
}

function apply(change: UserChange, attribute: string, value: unknown, nameBefore: string): void {
  const text = typeof value === "string" ? value.slice(0, 300) : undefined;
  const { given, family } = partsOf(change.name ?? nameBefore);
  switch (attribute.toLowerCase().replace(/^urn:ietf:params:scim:schemas:core:2\.0:user:/, "")) {
    case "active":
      if (value !== null) change.active = readInput(Flag, value);
      return;
    case "externalid":
      change.externalId = text ?? null;
      return;
    case "username":
      if (text !== undefined) change.userName = text;
      return;
    case "displayname":
    case "name.formatted":
      if (text !== undefined) change.name = text;
      return;
    case "name.givenname":
      change.name = `${text ?? ""} ${family}`.trim();
      return;
    case "name.familyname":
      change.name = `${given} ${text ?? ""}`.trim();
      return;
    case "name":
      if (typeof value === "object" && value !== null)
        for (const [part, one] of Object.entries(value)) apply(change, `name.${part}`, one, nameBefore);
  }
}
