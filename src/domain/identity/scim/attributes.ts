export const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
export const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

type Type = "string" | "boolean" | "dateTime" | "reference" | "complex";
/**
 * An attribute as RFC 7643 (7) describes it: what the schemas show, inputs, filters and PATCH are read
 * by.
 */
export type Attribute = {
  name: string;
  type: Type;
  multiValued: boolean;
  required: boolean;
  caseExact: boolean;
  mutability: "readWrite" | "readOnly" | "immutable";
  returned: "default" | "always";
  uniqueness: "none" | "server";
  subAttributes?: Attribute[];
};

const attribute = (name: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: "string",
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: "readWrite",
  returned: "default",
  uniqueness: "none",
  ...more,
});
const readOnly = { mutability: "readOnly" } as const;
const all = (names: string) => names.split(" ").map((name) => attribute(name));
const complex = (name: string, subAttributes: Attribute[], more: Partial<Attribute> = {}) =>
  attribute(name, { type: "complex", subAttributes, ...more });
/** A list of values of which each may have a kind, and one is the first. */
const list = (name: string, more: Attribute[] = []) =>
  complex(name, [...all("value display type"), attribute("primary", { type: "boolean" }), ...more], {
    multiValued: true,
  });

/** What every resource has. */
const COMMON = [
  attribute("id", { ...readOnly, caseExact: true, returned: "always", uniqueness: "server" }),
  attribute("externalId", { caseExact: true }),
  complex(
    "meta",
    [
      attribute("resourceType", { ...readOnly, caseExact: true }),
      attribute("created", { ...readOnly, type: "dateTime" }),
      attribute("lastModified", { ...readOnly, type: "dateTime" }),
      attribute("location", { ...readOnly, type: "reference", caseExact: true }),
      attribute("version", { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
];

/** User attributes that are stored unchanged in the column `scim`. */
const KEPT = [
  complex("name", all("formatted familyName givenName middleName honorificPrefix honorificSuffix")),
  ...all("displayName nickName profileUrl title userType preferredLanguage locale timezone"),
  list("emails"),
  list("phoneNumbers"),
  list("ims"),
  list("photos"),
  list("addresses", all("formatted streetAddress locality region postalCode country")),
  list("entitlements"),
  list("roles"),
];
const EXTENSION = [
  ...all("employeeNumber costCenter organization division department"),
  complex("manager", [attribute("value", { caseExact: true }), ...all("$ref displayName")]),
];
const OF_USER = [
  attribute("userName", { required: true, mutability: "immutable", uniqueness: "server" }),
  ...KEPT,
  attribute("active", { type: "boolean" }),
  complex("groups", [attribute("value", { caseExact: true }), ...all("display")], {
    ...readOnly,
    multiValued: true,
  }),
];
const OF_GROUP = [
  attribute("displayName", { required: true, uniqueness: "server" }),
  complex("members", [attribute("value", { caseExact: true }), ...all("display type $ref")], {
    multiValued: true,
  }),
];

export type ResourceSchema = {
  name: "User" | "Group";
  id: string;
  description: string;
  attributes: Attribute[];
  /** What the schema itself does not list: every resource has it. */
  common: Attribute[];
  extension?: { id: string; name: string; description: string; attributes: Attribute[] };
};

export const USERS: ResourceSchema = {
  name: "User",
  id: USER,
  description: "A member of the tenant.",
  attributes: OF_USER,
  common: COMMON,
  extension: {
    id: ENTERPRISE,
    name: "EnterpriseUser",
    description: "The organisation's data of a member.",
    attributes: EXTENSION,
  },
};
export const GROUPS: ResourceSchema = {
  name: "Group",
  id: GROUP,
  description: "A team of the tenant.",
  attributes: OF_GROUP,
  common: COMMON,
};

/**
 * A user's attributes that the column `scim` keeps; those of the extension lie in an object under its
 * URN.
 */
export const KEPT_NAMES: ReadonlySet<string> = new Set(KEPT.map(({ name }) => name));

/** An attribute by a name in any case, and the names that lead to its value in a resource. */
export type Found = { attribute: Attribute; sub?: Attribute; steps: string[] };

/**
 * Finds `title`, `name.familyName`, or either after the URN of its schema; undefined when unknown. The
 * URN of the extension alone names all of it.
 */
export function findAttribute(schema: ResourceSchema, path: string): Found | undefined {
  const lower = path.toLowerCase();
  const { extension } = schema;
  const core = `${schema.id.toLowerCase()}:`;
  const extended = extension && `${extension.id.toLowerCase()}:`;
  const isExtended = extended !== undefined && lower.startsWith(extended);
  if (extension && lower === extension.id.toLowerCase())
    return {
      attribute: attribute(extension.id, { type: "complex", subAttributes: extension.attributes }),
      steps: [extension.id],
    };
  const local = isExtended
    ? lower.slice(extended.length)
    : lower.startsWith(core)
      ? lower.slice(core.length)
      : lower;
  const [first, second, ...more] = local.split(".");
  const among = isExtended ? extension!.attributes : [...schema.attributes, ...schema.common];
  const found = among.find(({ name }) => name.toLowerCase() === first);
  if (!found || more.length > 0) return undefined;
  const steps = isExtended ? [extension!.id, found.name] : [found.name];
  if (second === undefined) return { attribute: found, steps };
  const sub = found.subAttributes?.find(({ name }) => name.toLowerCase() === second);
  return sub && { attribute: found, sub, steps: [...steps, sub.name] };
}
