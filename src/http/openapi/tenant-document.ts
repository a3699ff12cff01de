import { relativesOf } from "../../domain/content/entries/index.ts";
import {
  listsOf,
  PATH,
  type CompiledType,
  type EnvironmentSchema,
} from "../../domain/content/types/index.ts";
import type { ApiDocument, PathItem } from "./document.ts";
import type { Described } from "./describe-operation.ts";
import { componentSchemas, FIELD_SCHEMAS, fieldsSchema } from "./field-schema.ts";
import { mapRefs, refTo, type JsonSchema } from "./json-schema.ts";

const TYPED_PATHS = ["/content/{type}", "/content/{type}/{id}"];
const PATH_SAID = "The slugs of the entries above it and its own, joined by slashes.";
const TYPED_SCHEMAS = ["Entry", "EntryInput", "EntryPatch"];

/**
 * The document of one environment: each content type has its own paths and schemas in place of the
 * generic ones.
 */
export function createTenantDocument(generic: ApiDocument, schema: EnvironmentSchema): ApiDocument {
  const types = [...schema.types.values()];
  if (types.length === 0) return generic;
  const paths: Record<string, PathItem> = {};
  for (const [path, item] of Object.entries(generic.paths)) {
    if (!TYPED_PATHS.includes(path)) paths[path] = item;
    else for (const type of types) paths[path.replace("{type}", type.id)] = typedItem(item, type);
  }
  const shared: Record<string, JsonSchema> = {};
  for (const { definition } of types) componentSchemas(definition.fields, shared);
  const own = Object.assign(shared, ...types.map(schemasOf)) as Record<string, JsonSchema>;
  const schemas = { ...generic.components.schemas, ...usedFieldSchemas(own), ...own };
  return {
    ...generic,
    tags: [
      ...generic.tags,
      ...types.map((type) => ({
        name: tagOf(type),
        description: type.definition.description ?? `Entries of the type ${type.id}.`,
      })),
    ],
    paths,
    components: { ...generic.components, schemas },
  };
}

const tagOf = (type: CompiledType) => `${type.definition.name} (${type.id})`;

/** What fields of these schemas refer to: the document names no others. */
function usedFieldSchemas(own: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const used = new Set<string>();
  mapRefs(own, (ref) => {
    used.add(ref);
    return ref;
  });
  return Object.fromEntries(
    Object.entries(FIELD_SCHEMAS).filter(([name]) => used.has(refTo(name)["$ref"] as string)),
  );
}

/** Type ids are lower case: none of these names can meet one of FlowCMS's own. */
function schemasOf({ id, definition, pathParent }: CompiledType): Record<string, JsonSchema> {
  const input = fieldsSchema(definition.fields, "input");
  const path = {
    type: "object",
    properties: { [PATH]: { type: ["string", "null"], description: PATH_SAID } },
  };
  const { required: _, ...patch } = input;
  return {
    [id]: {
      allOf: [
        refTo("Entry"),
        withLists(fieldsSchema(definition.fields, "answer"), definition),
        ...(pathParent ? [path] : []),
      ],
    },
    [`${id}.input`]: { allOf: [refTo("EntryInput"), input] },
    [`${id}.patch`]: { allOf: [refTo("EntryPatch"), patch] },
  };
}

/** With the lists that back references show where `include` names them. */
function withLists(schema: JsonSchema, definition: CompiledType["definition"]): JsonSchema {
  const properties = { ...(schema["properties"] as Record<string, JsonSchema>) };
  for (const { id, type } of listsOf(definition))
    properties[id] = {
      type: "object",
      description: "With `include`: the entries that refer to this one, the newest first.",
      required: ["data", "total", "next_cursor"],
      properties: {
        data: { type: "array", items: refTo(type) },
        total: { type: "integer" },
        total_capped: { type: "boolean" },
        next_cursor: { anyOf: [{ type: "string" }, { type: "null" }] },
      },
    };
  for (const { id, description } of relativesOf(definition))
    properties[id] = {
      type: "array",
      description: `With \`include\`: ${description}`,
      items: refTo(definition.id),
    };
  return { ...schema, properties };
}

function typedItem(item: PathItem, type: CompiledType): PathItem {
  return Object.fromEntries(
    Object.entries(item).map(([method, operation]) => [method, typed(operation, type)]),
  );
}

function typed(operation: Described, type: CompiledType): Described {
  const own = mapRefs(operation, (ref) => {
    const name = ref.replace("#/components/schemas/", "");
    if (!TYPED_SCHEMAS.includes(name)) return ref;
    return `#/components/schemas/${type.id}${name
      .slice("Entry".length)
      .toLowerCase()
      .replace(/^(?=.)/, ".")}`;
  });
  return {
    ...withoutExamples(own),
    operationId: `${own.operationId}_${type.id}`,
    tags: [tagOf(type)],
    summary: `${own.summary} (${type.definition.name})`,
    parameters: (own.parameters ?? [])
      .filter((parameter) => !(parameter["in"] === "path" && parameter["name"] === "type"))
      .map((parameter) => Object.fromEntries(Object.entries(parameter).filter(([key]) => key !== "example"))),
    "x-codeSamples": [],
  };
}

/** The generic document's examples are for another type. */
function withoutExamples<T>(node: T): T {
  if (Array.isArray(node)) return node.map((one: unknown) => withoutExamples(one)) as T;
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === "example" && typeof value === "object" && "schema" in node))
      .map(([key, value]) => [key, withoutExamples(value)]),
  ) as T;
}
