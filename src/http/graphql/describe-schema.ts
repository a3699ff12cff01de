import { isObjectType, type GraphQLField, type GraphQLSchema } from "graphql";
import type { Operation } from "../../core/operation.ts";
import type { Described } from "../openapi/describe-operation.ts";
import type { ApiDocument } from "../openapi/document.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { camelCase } from "./names.ts";
import { objectNameOf } from "./zod-types.ts";

type Said = { description?: string | null | undefined };

/**
 * Puts the words of the API document into a schema, for those who look at it: a schema that is
 * executed only needs none. Root fields are described as their operations, types and their fields as
 * the schemas of their names.
 */
export function describeSchema(
  schema: GraphQLSchema,
  operations: readonly Operation[],
  { paths, components }: ApiDocument,
): void {
  const fields = { ...schema.getQueryType()?.getFields(), ...schema.getMutationType()?.getFields() };
  for (const { graphql, path, method } of operations) {
    const described = paths[path]?.[method];
    const field = graphql && fields[graphql.field];
    if (field && described) describeField(field, described, components.schemas);
  }
  for (const [name, { description, properties }] of Object.entries(components.schemas)) {
    const type = schema.getType(objectNameOf(name));
    if (!isObjectType(type)) continue;
    say(type, description);
    for (const [id, part] of Object.entries((properties ?? {}) as Record<string, JsonSchema>))
      say(type.getFields()[camelCase(id)], part["description"]);
  }
}

function describeField(
  field: GraphQLField<unknown, unknown>,
  { summary, parameters = [], requestBody }: Described,
  schemas: Record<string, JsonSchema>,
): void {
  say(field, `${summary}.`);
  const said = new Map(parameters.map(({ name, description }) => [camelCase(String(name)), description]));
  const json = (requestBody?.["content"] as Record<string, { schema: JsonSchema }> | undefined)?.[
    "application/json"
  ];
  const ref = json?.schema["$ref"] as string | undefined;
  const body = ref === undefined ? json?.schema : schemas[ref.split("/").at(-1)!];
  for (const [id, part] of Object.entries((body?.["properties"] ?? {}) as Record<string, JsonSchema>))
    if (!said.has(camelCase(id))) said.set(camelCase(id), part["description"]);
  for (const argument of field.args) say(argument, said.get(argument.name));
}

function say(thing: Said | undefined, words: unknown): void {
  if (thing && typeof words === "string" && !thing.description) thing.description = words;
}
