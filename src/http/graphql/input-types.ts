import {
  GraphQLEnumType,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLEnumValueConfigMap,
  type GraphQLInputFieldConfigMap,
  type GraphQLInputType,
} from "graphql";
import {
  backReferenceOf,
  backReferencesOf,
  filterKind,
  kindOf,
  ORDER,
  partOf,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import { OPERATORS as REST_OPERATORS } from "../../domain/content/entries/index.ts";
import { byType, type ByType } from "./by-type.ts";
import { camelCase, enumName, pascalCase } from "./names.ts";
import type { Builder } from "./output-types.ts";
import {
  filterOfField,
  ID_FILTER,
  JsonScalar,
  LocationInput,
  partsOf,
  REFERENCE_OPERATORS,
  scalarOf,
  TIME_FILTER,
} from "./scalars.ts";

/** The arguments of one content type. */
export type TypeInputs = {
  filter: GraphQLInputObjectType;
  sort: GraphQLEnumType;
  /** Fields that facets count, absent when there are none. */
  facet: GraphQLEnumType | undefined;
  group: GraphQLEnumType | undefined;
  fields: GraphQLInputObjectType;
};

const TIMES = { created_at: "createdAt", updated_at: "updatedAt", published_at: "publishedAt" } as const;

const SORTABLE = ["text", "number", "decimal", "time", "parts"];

/** The parts of a field's values as fields with the names that queries have for them: `price.amount`. */
export const columnsOf = (field: Field): Field[] =>
  Object.keys(kindOf(field).parts ?? {}).map((name) => ({
    ...partOf(field, name)!,
    id: `${field.id}.${name}`,
  }));

/** What a part is called in GraphQL, where names have no dots: `price_amount`. */
export const columnName = (id: string): string => id.split(".").map(camelCase).join("_");

/** Filters, sort orders and input of each content type. */
export function typeInputs(builder: Builder): ByType<TypeInputs> {
  const { schema, claim } = builder;
  const inputs: ByType<TypeInputs> = byType(schema, (type) => {
    const name = pascalCase(type.id);
    const fields = [...type.fields.values()];
    const columns = fields.flatMap((field) => [field, ...columnsOf(field)]);
    const isSingle = (field: Field) => !field.multiple;
    const written = fields.filter((field) => field.computed === undefined);
    builder.made.add(type.id);
    return {
      filter: new GraphQLInputObjectType({
        name: claim(`${name}Filter`),
        description: "All conditions must be met. A field given as null must have no value.",
        fields: () => filterFields(builder, type, inputs),
      }),
      sort: new GraphQLEnumType({
        name: claim(`${name}Sort`),
        values: sortValues(
          columns.filter((field) => isSingle(field) && SORTABLE.includes(filterKind(field))),
          type.definition.ordered === true,
        ),
      }),
      facet: fieldEnum(
        claim(`${name}Facet`),
        columns.filter((field) => !["none", "parts", "location", "time"].includes(filterKind(field))),
      ),
      group: fieldEnum(
        claim(`${name}Group`),
        columns.filter(
          (field) => isSingle(field) && !["none", "parts", "location"].includes(filterKind(field)),
        ),
      ),
      fields: new GraphQLInputObjectType({
        name: claim(`${name}Input`),
        description: "The fields to write; null removes a value.",
        fields: () =>
          Object.fromEntries(
            written.map((field) => [
              camelCase(field.id),
              { type: inputType(field), ...(field.help ? { description: field.help } : {}) },
            ]),
          ),
      }),
    };
  });
  return inputs;
}

function filterFields(
  builder: Builder,
  type: CompiledType,
  inputs: ByType<TypeInputs>,
): GraphQLInputFieldConfigMap {
  // Components come first where a name is wanted twice, whatever a document names first.
  builder.entries.get(type.id)!.getFields();
  const own = inputs.get(type.id)!.filter;
  const several = { type: new GraphQLList(new GraphQLNonNull(own)) };
  const fields: GraphQLInputFieldConfigMap = {
    and: several,
    or: several,
    not: { type: own },
    id: { type: ID_FILTER },
  };
  for (const name of Object.values(TIMES)) fields[name] = { type: TIME_FILTER };
  for (const field of type.fields.values())
    fields[camelCase(field.id)] = { type: filterOf(builder, type, field, inputs) };
  for (const link of backReferencesOf(builder.schema, type))
    fields[camelCase(link.id)] = { type: referenceFilter(builder, type, link.id, inputs.get(link.type.id)!) };
  return fields;
}

function filterOf(
  builder: Builder,
  type: CompiledType,
  field: Field,
  inputs: ByType<TypeInputs>,
): GraphQLInputObjectType {
  const target = field.type === "reference" && field.to?.length === 1 ? inputs.get(field.to[0]!) : undefined;
  return target ? referenceFilter(builder, type, field.id, target) : filterOfField(field);
}

/** The filter of a reference or back reference that leads to entries of one type. */
const referenceFilter = (
  { claim }: Builder,
  type: CompiledType,
  id: string,
  target: TypeInputs,
): GraphQLInputObjectType => {
  const { contains, ...ofList } = REFERENCE_OPERATORS;
  return new GraphQLInputObjectType({
    name: claim(`${pascalCase(type.id)}_${pascalCase(id)}Filter`),
    fields: {
      ...ofList,
      ...(type.fields.has(id) ? { contains } : {}),
      where: { type: target.filter, description: "Conditions on the entry at the other end." },
    },
  });
};

/** `title_ASC`, `price_DESC_NULLS_FIRST`: enum values for REST's `sort`. */
function sortValues(fields: Field[], isOrdered: boolean): GraphQLEnumValueConfigMap {
  const values: GraphQLEnumValueConfigMap = { SCORE_DESC: { value: "-_score" } };
  const names = [
    ["id", "id"],
    ...(isOrdered ? [[ORDER, ORDER]] : []),
    ...Object.entries(TIMES),
    ...fields.map(({ id }) => [id, columnName(id)]),
  ];
  for (const [id, name] of names as [string, string][]) {
    values[`${name}_ASC`] = { value: id };
    values[`${name}_DESC`] = { value: `-${id}` };
    if (id === "id" || (isOrdered && id === ORDER)) continue;
    if (fields.find((field) => field.id === id)?.type === "enum") {
      values[`${name}_OPTIONS_ASC`] = { value: `${id}:options` };
      values[`${name}_OPTIONS_DESC`] = { value: `-${id}:options` };
    }
    values[`${name}_ASC_NULLS_FIRST`] = { value: `${id}:nulls_first` };
    values[`${name}_DESC_NULLS_FIRST`] = { value: `-${id}:nulls_first` };
  }
  return values;
}

function fieldEnum(name: string, fields: Field[]): GraphQLEnumType | undefined {
  if (fields.length === 0) return undefined;
  const values = Object.fromEntries(
    fields.map(({ id }) => [id.includes(".") ? columnName(id) : enumName(id), { value: id }]),
  );
  return new GraphQLEnumType({ name, values });
}

function inputType(field: Field): GraphQLInputType {
  const one = singleInput(field);
  return field.multiple ? new GraphQLList(new GraphQLNonNull(one)) : one;
}

function singleInput(field: Field): GraphQLInputType {
  switch (field.type) {
    case "media":
    case "reference":
      return GraphQLID;
    case "location":
      return LocationInput;
    case "rich_text":
    case "json":
    case "component":
    case "blocks":
      return JsonScalar;
    default:
      return partsOf(field)?.input ?? scalarOf(field);
  }
}

const OPERATOR_NAMES = new Set<string>(REST_OPERATORS);
const OPERATORS: Record<string, string> = { startsWith: "starts_with", endsWith: "ends_with" };
type Values = Record<string, unknown>;

/** A filter argument as the same JSON that REST takes in `filter=`. */
export function toRestFilter(schema: EnvironmentSchema, type: CompiledType, filter: Values): Values {
  const ids = idsByName(type);
  const rest: Values = {};
  const beside: Values[] = [];
  const several = (value: unknown) =>
    ((value ?? []) as Values[]).map((one) => toRestFilter(schema, type, one));
  for (const [name, value] of Object.entries(filter)) {
    if (name === "and" || name === "or") rest[name] = several(value);
    else if (name === "not") rest["not"] = toRestFilter(schema, type, (value ?? {}) as Values);
    else {
      const id = ids.get(name) ?? name;
      const [first, ...others] = toRestConditions(schema, type, id, value as Values | null);
      if (first !== undefined) rest[id] = first;
      beside.push(...others.map((one) => ({ [id]: one })));
    }
  }
  return beside.length === 0 ? rest : { ...rest, and: [...((rest["and"] ?? []) as Values[]), ...beside] };
}

function idsByName(type: CompiledType): Map<string, string> {
  const ids = new Map<string, string>(Object.entries(TIMES).map(([id, name]) => [name, id]));
  for (const id of [...type.fields.keys(), ...type.backReferences.keys()]) ids.set(camelCase(id), id);
  return ids;
}

/** What REST says of one field; two things when a reference is compared and looked into. */
function toRestConditions(
  schema: EnvironmentSchema,
  type: CompiledType,
  id: string,
  value: Values | null,
): unknown[] {
  if (value === null) return [null];
  const field = type.fields.get(id);
  if (field && kindOf(field).parts) return onPartsAndWhole(field, value);
  const { where, ...operators } = value;
  const conditions = restOperators(operators);
  const target = targetOf(schema, type, id);
  const inner =
    where === undefined || where === null
      ? []
      : [target ? toRestFilter(schema, target, where as Values) : where];
  return Object.keys(conditions).length === 0 ? inner : [conditions, ...inner];
}

const restOperators = (operators: Values): Values =>
  Object.fromEntries(Object.entries(operators).map(([name, one]) => [OPERATORS[name] ?? name, one]));

/** Conditions on the parts of a value, each by itself, and those on the whole of it. */
function onPartsAndWhole(field: Field, value: Values): unknown[] {
  const { parts } = kindOf(field);
  const [ofParts, whole]: [unknown[], Values] = [[], {}];
  for (const [name, one] of Object.entries(value))
    if (Object.hasOwn(parts!, name)) ofParts.push({ [name]: one && restOperators(one as Values) });
    else whole[name] = one;
  return Object.keys(whole).length === 0 ? ofParts : [whole, ...ofParts];
}

/** The one type that a reference or back reference leads to. */
function targetOf(schema: EnvironmentSchema, type: CompiledType, id: string): CompiledType | undefined {
  const field = type.fields.get(id);
  if (!field) return backReferenceOf(schema, type, id)?.type;
  if (field.type !== "reference" || field.to?.length !== 1) return undefined;
  return schema.types.get(field.to[0]!);
}

/** `filter[author][reading_minutes][starts_with]` in GraphQL's names; parts inside JSON are as in REST. */
export function graphqlFilterPath(schema: EnvironmentSchema, type: CompiledType, path: string): string {
  const names = path
    .replace(/^filter/, "")
    .slice(1, -1)
    .split("][");
  let at: CompiledType | undefined = type;
  const written = names.flatMap((name, i) => {
    if (!at) return [name];
    const field: Field | undefined = at.fields.get(name);
    if (!field && !at.backReferences.has(name)) return [camelCase(name)];
    const next = names[i + 1];
    const isInner = (!field || field.type === "reference") && next !== undefined && !OPERATOR_NAMES.has(next);
    if (isInner) at = targetOf(schema, at, name);
    return [camelCase(name), ...(isInner ? ["where"] : [])];
  });
  return path === "filter" ? path : `filter${written.map((name) => `[${name}]`).join("")}`;
}

/** An input argument with the ids of fields in place of their names. */
export function toRestFields(type: CompiledType, input: Values): Values {
  const ids = new Map([...type.fields.keys()].map((id) => [camelCase(id), id]));
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [ids.get(name)!, value]));
}
