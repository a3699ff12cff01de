import * as z from "zod";

/** A JSON Schema (2020-12) in the form of the API document. */
export type JsonSchema = { [keyword: string]: unknown };

const UNNAMED = /^__schema\d+$/;
const REFERENCE = "#/components/schemas/";

/**
 * Turns zod schemas into JSON Schemas; those that have a name become references to the document's
 * components.
 */
export function schemaWriter(named: Readonly<Record<string, z.ZodType>>) {
  const ids = new Map(Object.entries(named).map(([id, schema]) => [schema, id]));
  /** Descriptions are where zod keeps them; names are ours. */
  const metadata = {
    get(schema: z.ZodType) {
      const id = ids.get(schema);
      return { ...z.globalRegistry.get(schema), ...(id === undefined ? {} : { id }) };
    },
  };
  const components: Record<string, JsonSchema> = {};

  const write = (schema: z.ZodType): JsonSchema => {
    const {
      $schema: _,
      $defs,
      ...written
    } = z.toJSONSchema(schema, {
      io: "input",
      metadata: metadata as never,
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => {
        const { shape = {} } = (zodSchema as unknown as Schema).def;
        for (const name of Object.keys(shape))
          if (isNothing(shape[name]!)) delete jsonSchema.properties?.[name];
        if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      },
    }) as JsonSchema & { $defs?: Record<string, JsonSchema> };
    for (const [id, definition] of Object.entries($defs ?? {}))
      components[nameOf(id, definition)] = pointToComponents(definition);
    return pointToComponents(written);
  };
  return { write, components };
}

type Schema = { def: { type: string; innerType?: Schema; shape?: Record<string, Schema> } };

/** A property that must not be there is one that the document does not name. */
function isNothing({ def }: Schema): boolean {
  return def.type === "undefined" || (def.innerType !== undefined && isNothing(def.innerType));
}

/** The only schema without a name that refers to itself is "any JSON value". */
function nameOf(id: string, definition: JsonSchema): string {
  if (!UNNAMED.test(id)) return id;
  if (Array.isArray(definition["anyOf"]) && definition["anyOf"].length === 6) return "JsonValue";
  throw new Error(`A schema that refers to itself needs a name: ${JSON.stringify(definition).slice(0, 200)}`);
}

/** The reference to a component. */
export const refTo = (name: string): JsonSchema => ({ $ref: `${REFERENCE}${name}` });

function pointToComponents<T>(node: T): T {
  return mapRefs(node, (ref) => {
    const id = ref.replace("#/$defs/", "");
    return REFERENCE + (UNNAMED.test(id) ? "JsonValue" : id);
  });
}

/** A copy in which every `$ref` is replaced. */
export function mapRefs<T>(node: T, replace: (ref: string) => string): T {
  if (Array.isArray(node)) return node.map((one: unknown) => mapRefs(one, replace)) as T;
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string" ? replace(value) : mapRefs(value, replace),
    ]),
  ) as T;
}
