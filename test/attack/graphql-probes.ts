import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { dataOf, type Caller } from "./caller.ts";
import type { Party, Planted } from "./plant.ts";
import type { Probe } from "./rest-probes.ts";

/**
 * Every root field of the attacker's schema with the victim's ids as arguments, and the victim's
 * documents by name.
 */
export async function graphqlProbes(call: Caller, attacker: Party, planted: Planted): Promise<Probe[]> {
  const introspection = (await dataOf(call, {
    method: "POST",
    path: "/api/v3/graphql",
    token: attacker.tokens.admin,
    body: { query: getIntrospectionQuery() },
  })) as IntrospectionQuery;
  const schema = buildClientSchema(introspection);
  const probes: Probe[] = [];
  const add = (name: string, body: unknown) => {
    for (const token of Object.values(attacker.tokens))
      probes.push({
        name: `GraphQL ${name}`,
        request: { method: "POST", path: "/api/v3/graphql", token, body },
        occupies: /^(?:create|put)/.test(name),
      });
  };
  for (const [operation, type] of [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
  ] as const)
    for (const field of Object.values(type?.getFields() ?? {}))
      for (const args of argumentSets(schema, field, planted))
        add(field.name, { query: `${operation} { ${field.name}${args}${selection(field.type)} }` });
  for (const documentId of planted.ids["operation"]!) add("documentId", { documentId });
  const persistedQuery = { version: 1, sha256Hash: planted.persistedHash };
  add("persisted", { extensions: { persistedQuery } });
  add("filter by title", {
    query: `{ articleList(filter: { title: { contains: "marker" } }) { id title } }`,
  });
  add("facets", { query: `{ articleConnection(first: 1) { totalCount edges { cursor node { title } } } }` });
  for (const cursor of planted.cursors)
    add("cursor", { query: `{ articleConnection(after: "${cursor}") { nodes { id title } } }` });
  return probes;
}

/** Words in the names of fields of management, by what of the victim's they are about; the first that fits. */
const MANAGED: [RegExp, string][] = [
  [/Team$|^(?:addToTeam|removeFromTeam)/, "team"],
  [/Member|Leavings/, "person"],
  [/Invitation/, "invitation"],
  [/Domain/, "domain"],
  [/Client/, "client"],
  [/Connection/, "connection"],
  [/Token/, "token"],
  [/Key/, "key"],
  [/Polic/, "policy"],
  [/Role/, "role"],
  [/Type/, "type"],
  [/Asset/, "asset"],
  [/Alias/, "alias"],
  [/Environment/, "environment"],
  [/Operation/, "operation"],
];

/** Every field of management with the victim's ids, by each of the attacker's tokens. */
export async function managementProbes(call: Caller, attacker: Party, planted: Planted): Promise<Probe[]> {
  const path = "/api/v3/graphql/management";
  const ask = (query: string, token: string) => ({ method: "POST", path, token, body: { query } });
  const introspection = await dataOf(call, ask(getIntrospectionQuery(), attacker.tokens.admin));
  const schema = buildClientSchema(introspection as IntrospectionQuery);
  const probes: Probe[] = [];
  for (const [operation, type] of [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
  ] as const)
    for (const field of Object.values(type?.getFields() ?? {})) {
      const kind = MANAGED.find(([words]) => words.test(field.name))?.[1];
      const named = field.args.find(({ name }) => ["id", "name", "kid", "domain"].includes(name));
      const isNew = /^(?:create|add)[A-Z](?!oTeam)/.test(field.name);
      const ids = named && kind && !isNew ? planted.ids[kind]! : [];
      for (const id of ids.length > 0 ? ids : [""])
        for (const cursor of field.args.some(({ name }) => name === "cursor") ? planted.cursors : [""]) {
          const values: Record<string, string> = {
            ...(id === "" ? {} : { [named!.name]: JSON.stringify(id) }),
            ...(cursor === "" ? {} : { cursor: JSON.stringify(cursor) }),
            ...(planted.ids["person"]![0] ? { person: JSON.stringify(planted.ids["person"]![0]) } : {}),
            resource: JSON.stringify(`entry:${planted.ids["entry"]![0]}`),
            action: '"content:read"',
            environment: JSON.stringify(planted.ids["environment"]![0]),
          };
          const query = `${operation} { ${field.name}${given(field, values)}${selection(field.type)} }`;
          for (const token of Object.values(attacker.tokens))
            probes.push({
              name: `GraphQL of management ${field.name}`,
              request: ask(query, token),
              occupies: operation === "mutation" && /^(?:create|put|add)/.test(field.name),
            });
        }
    }
  return probes;
}

/** The arguments of a field that are given a value, or must have one. */
function given(field: GraphQLField<unknown, unknown>, values: Record<string, string>): string {
  const said = field.args.flatMap((argument) => {
    const value = values[argument.name] ?? (isNonNullType(argument.type) ? sample(argument.type) : undefined);
    return value === undefined ? [] : [`${argument.name}: ${value}`];
  });
  return said.length > 0 ? `(${said.join(", ")})` : "";
}

/** One text of arguments for each of the victim's ids that would fit. */
function argumentSets(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  planted: Planted,
): string[] {
  const names = field.args.map(({ name }) => name);
  const idKinds: Record<string, string> = {
    asset: "asset",
    cancelSchedule: "schedule",
  };
  const kind = idKinds[field.name] ?? "entry";
  const candidates = names.includes("id")
    ? planted.ids[kind]!
    : names.includes("slug")
      ? planted.ids["slug"]!
      : [""];
  const slugs = names.includes("slug") && names.includes("id") ? planted.ids["slug"]! : [];
  const set = (values: Record<string, string>) => given(field, values);
  const common: Record<string, string> = {
    type: names.includes("type") ? '"article"' : "",
    comment: JSON.stringify(planted.ids["comment"]![0]),
    perspective: "draft",
    at: '"2099-01-31T09:30:00Z"',
    operations: `[${planted.ids["entry"]!.map((id) => `{ op: "publish", id: "${id}" }`).join(", ")}]`,
    atomic: "false",
  };
  if (common["type"] === "") delete common["type"];
  return [
    ...candidates.map((id) =>
      set(id === "" ? common : { ...common, [names.includes("id") ? "id" : "slug"]: JSON.stringify(id) }),
    ),
    ...slugs.map((slug) => set({ ...common, slug: JSON.stringify(slug) })),
  ];
}

function sample(type: GraphQLInputType): string {
  const inner = getNullableType(type);
  if (isListType(inner)) return "[]";
  if (isEnumType(inner)) return inner.getValues()[0]!.name;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields());
    const wanted = fields.filter((one) => isNonNullType(one.type) || one.name === "title");
    return `{ ${wanted.map((one) => `${one.name}: ${sample(one.type)}`).join(", ")} }`;
  }
  switch (getNamedType(inner).name) {
    case "Int":
    case "Float":
      return "1";
    case "Boolean":
      return "true";
    default:
      return '"mine"';
  }
}

/** Everything that can be selected without arguments, two deep. */
function selection(type: GraphQLOutputType, depth = 0): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  if (!isObjectType(named) && !isInterfaceType(named)) return " { __typename }";
  const parts = Object.values(named.getFields()).flatMap((field) => {
    const isLeaf = isLeafType(getNamedType(field.type));
    if (isLeaf) return [field.name];
    return depth < 2 ? [`${field.name}${selection(field.type, depth + 1)}`] : [];
  });
  return ` { ${parts.length > 0 ? parts.join(" ") : "__typename"} }`;
}
