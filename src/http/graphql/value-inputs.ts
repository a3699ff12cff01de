import {
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLInputFieldConfigMap,
  type GraphQLInputType,
  type GraphQLObjectType,
} from "graphql";
import { ownValue } from "../../core/own-value.ts";
import type { Field } from "../../domain/content/types/index.ts";
import type { Builder } from "./builder.ts";
import { camelCase, componentName, pascalCase } from "./names.ts";
import { JsonScalar, LocationInput, partsOf, scalarOf } from "./scalars.ts";

type Values = Record<string, unknown>;
type Block = NonNullable<Field["components"]>[number];

/** What an input is made of: JSON that is written as in REST is brought into its form. */
export type MadeOf = { fields: readonly Field[] } | { blocks: readonly Block[] };
const madeOf = (made: MadeOf) => ({ madeOf: made });

/** The input of each field that is written: a null removes its value. */
export function inputFields(
  builder: Builder,
  fields: Iterable<Field>,
  path: string,
): GraphQLInputFieldConfigMap {
  const written = [...fields].filter((field) => field.computed === undefined);
  return Object.fromEntries(
    written.map((field) => [
      camelCase(field.id),
      {
        type: inputType(builder, field, `${path}_${pascalCase(field.id)}`),
        ...(field.help ? { description: field.help } : {}),
      },
    ]),
  );
}

function inputType(builder: Builder, field: Field, path: string): GraphQLInputType {
  const one = singleInput(builder, field, path);
  return field.multiple || field.type === "blocks" ? new GraphQLList(new GraphQLNonNull(one)) : one;
}

function singleInput(builder: Builder, field: Field, path: string): GraphQLInputType {
  switch (field.type) {
    case "media":
    case "reference":
      return GraphQLID;
    case "location":
      return LocationInput;
    case "rich_text":
    case "json":
      return JsonScalar;
    case "component":
      return groupInput(builder, field.component, field.fields!, path);
    case "blocks":
      return blocksInput(builder, field.components!, path);
    default:
      return partsOf(field)?.input ?? scalarOf(field);
  }
}

/** The input of a component, a reusable one wherever it is used; of one that is computed as a whole, JSON. */
function groupInput(
  builder: Builder,
  component: string | undefined,
  fields: Field[],
  path: string,
): GraphQLInputType {
  if (component !== undefined) return componentInput(builder, component, fields);
  return fieldsInput(builder, fields, { name: builder.claim(`${path}Input`), path }, () =>
    builder.objects.get(fields),
  );
}

/** The input of a reusable component. */
export function componentInput(builder: Builder, id: string, fields: Field[]): GraphQLInputType {
  let input = builder.componentInputs.get(id);
  if (!input) {
    const name = builder.componentInputNames.get(id)!;
    input = fieldsInput(builder, fields, { name, path: componentName(id) }, () => builder.components.get(id));
    builder.componentInputs.set(id, input);
  }
  return input;
}

function fieldsInput(
  builder: Builder,
  fields: Field[],
  { name, path }: { name: string; path: string },
  object: () => GraphQLObjectType | undefined,
): GraphQLInputType {
  if (fields.every((field) => field.computed !== undefined)) return JsonScalar;
  return new GraphQLInputObjectType({
    name,
    extensions: madeOf({ fields }),
    fields() {
      // Objects come first where a name is wanted twice, whatever a document names first.
      object()?.getFields();
      return inputFields(builder, fields, path);
    },
  });
}

function blocksInput(builder: Builder, blocks: readonly Block[], path: string): GraphQLInputObjectType {
  return new GraphQLInputObjectType({
    name: builder.claim(`${path}Input`),
    description: "One block: its fields under the name of its kind.",
    isOneOf: true,
    extensions: madeOf({ blocks }),
    fields: () =>
      Object.fromEntries(
        blocks.map(({ id, component, fields }) => [
          camelCase(id),
          { type: groupInput(builder, component, fields, `${path}_${pascalCase(id)}`) },
        ]),
      ),
  });
}

/** An input argument as REST has it: ids of fields in place of their names, blocks with their type. */
export function toRestFields(fields: Iterable<Field>, input: Values): Values {
  const byName = new Map([...fields].map((field) => [camelCase(field.id), field]));
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      byName.get(name)!.id,
      toRestValue(byName.get(name)!, value),
    ]),
  );
}

function toRestValue(field: Field, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => toRestValue(field, one));
  if (typeof value !== "object" || value === null) return value;
  if (field.type === "component")
    return isTyped(field.fields!) ? toRestFields(field.fields!, value as Values) : value;
  if (field.type !== "blocks") return value;
  const [[name, inner] = ["", null]] = Object.entries(value);
  const block = field.components!.find(({ id }) => camelCase(id) === name)!;
  return {
    ...(isTyped(block.fields) ? toRestFields(block.fields, (inner ?? {}) as Values) : (inner as Values)),
    type: block.id,
  };
}

const isTyped = (fields: readonly Field[]): boolean => fields.some((field) => field.computed === undefined);

/** A path in what was written, in the names that GraphQL has for it; `values` are those of REST. */
export function writtenPath(fields: Iterable<Field>, values: unknown, path: string): string {
  const steps = path.match(/\[\d+\]|[^.[\]]+/g) ?? [];
  let written = "";
  let at: { fields: readonly Field[]; values: unknown } | undefined = { fields: [...fields], values };
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const field: Field | undefined = at?.fields.find(({ id }) => id === step);
    const isFirst = i === 0;
    written += `${isFirst ? "" : "."}${field || isFirst ? camelCase(step) : step}`;
    let value: unknown = at && ownValue(Object(at.values) as Values, step);
    while (steps[i + 1]?.startsWith("[")) {
      const index = steps[++i]!;
      written += index;
      value = Array.isArray(value) ? value[Number(index.slice(1, -1))] : undefined;
    }
    const block = field?.components?.find(({ id }) => id === Object(value).type);
    const inner: readonly Field[] | undefined = field?.fields ?? block?.fields;
    at = inner && { fields: inner, values: value };
    const isInside = steps[i + 1] !== undefined && steps[i + 1] !== "type";
    if (block && isInside) written += `.${camelCase(block.id)}`;
    if (!at) return written + rest(steps.slice(i + 1));
  }
  return written;
}

const rest = (steps: readonly string[]): string =>
  steps.map((step) => (step.startsWith("[") ? step : `.${step}`)).join("");
