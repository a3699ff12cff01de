import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLEnumValueConfigMap,
  type GraphQLInputFieldConfigMap,
} from "graphql";
import {
  backReferencesOf,
  columnsWhere,
  fieldAt,
  filterKind,
  hasInside,
  kindOf,
  ORDER,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import { OPERATORS as REST_OPERATORS, TIME_UNITS } from "../../domain/content/entries/index.ts";
import type { Builder, TypeInputs } from "./builder.ts";
import { byType, type ByType } from "./by-type.ts";
import { camelCase, enumName, pascalCase } from "./names.ts";
import { inputFields } from "./value-inputs.ts";
import {
  filterOfField,
  ID_FILTER,
  PRESENCE,
  REFERENCE_OPERATORS,
  TREE_OPERATORS,
  TIME_FILTER,
} from "./scalars.ts";

const TIMES = { created_at: "createdAt", updated_at: "updatedAt", published_at: "publishedAt" } as const;

const SORTABLE = ["text", "number", "decimal", "time", "parts"];

/** The fields of a type, their parts and what is inside them, under the names that queries have: `price.amount`. */
export const columnsOf = (type: CompiledType): Field[] =>
  columnsWhere(type, () => true).map((path) => ({ ...fieldAt(type, path)!, id: path }));

/** The fields of the entries that single references lead to, as `sort` names them: `author.name`. */
function columnsThrough(schema: EnvironmentSchema, type: CompiledType): Field[] {
  return [...type.fields.values()].flatMap((field) => {
    const target = field.multiple ? undefined : targetOf(schema, field);
    return [...(target?.fields.values() ?? [])].map((one) => ({ ...one, id: `${field.id}.${one.id}` }));
  });
}

/** What a part is called in GraphQL, where names have no dots: `price_amount`. */
export const columnName = (id: string): string => id.split(".").map(camelCase).join("_");

/** Filters, sort orders and input of each content type. */
export function typeInputs(builder: Builder): ByType<TypeInputs> {
  const { schema, claim } = builder;
  const inputs: ByType<TypeInputs> = byType(schema, (type) => {
    const name = pascalCase(type.id);
    const columns = columnsOf(type);
    const isSingle = (field: Field) => !field.multiple;
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
          [...columns, ...columnsThrough(schema, type)].filter(
            (field) => isSingle(field) && SORTABLE.includes(filterKind(field)),
          ),
          type.definition.ordered === true,
        ),
      }),
      facet: fieldEnum(
        claim(`${name}Facet`),
        columns.filter((field) => !["none", "parts", "location", "time"].includes(filterKind(field))),
      ),
      group: fieldEnum(claim(`${name}Group`), columns.filter(isGroupable), spansOf(columns)),
      fields: new GraphQLInputObjectType({
        name: claim(`${name}Input`),
        description: "The fields to write; null removes a value.",
        fields() {
          builder.entries.get(type.id)!.getFields();
          return inputFields(builder, type.fields.values(), name);
        },
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
    fields[camelCase(field.id)] = {
      type: filterOf(builder, `${pascalCase(type.id)}_${pascalCase(field.id)}`, field, inputs),
    };
  for (const link of backReferencesOf(builder.schema, type))
    fields[camelCase(link.id)] = {
      type: referenceFilter(
        builder,
        `${pascalCase(type.id)}_${pascalCase(link.id)}`,
        inputs.get(link.type.id)!,
        false,
      ),
    };
  return fields;
}

function filterOf(
  builder: Builder,
  path: string,
  field: Field,
  inputs: ByType<TypeInputs>,
): GraphQLInputObjectType {
  if (hasInside(field)) return innerFilter(builder, path, field, inputs);
  const target = field.type === "reference" && field.to?.length === 1 ? inputs.get(field.to[0]!) : undefined;
  const isTree = builder.schema.trees?.has(field.to?.[0] ?? "") === true;
  return target ? referenceFilter(builder, path, target, true, isTree) : filterOfField(field);
}

/** The filter of a reference or back reference that leads to entries of one type. */
const referenceFilter = (
  { claim }: Builder,
  path: string,
  target: TypeInputs,
  isField: boolean,
  isTree = false,
): GraphQLInputObjectType => {
  const { contains, ...ofList } = REFERENCE_OPERATORS;
  return new GraphQLInputObjectType({
    name: claim(`${path}Filter`),
    fields: {
      ...ofList,
      ...(isField ? { contains } : {}),
      ...(isTree ? TREE_OPERATORS : {}),
      where: { type: target.filter, description: "Conditions on the entry at the other end." },
    },
  });
};

/** Conditions on what is inside a component, a list of them or blocks. */
function innerFilter(
  builder: Builder,
  path: string,
  field: Field,
  inputs: ByType<TypeInputs>,
): GraphQLInputObjectType {
  const isList = field.multiple && field.type === "component";
  const filter: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: builder.claim(`${path}Filter`),
    ...(isList ? { description: "One element meets all conditions." } : {}),
    fields: () => {
      const several = { type: new GraphQLList(new GraphQLNonNull(filter)) };
      const inner = fieldsInside(field).map((one) => [
        camelCase(one.id),
        { type: filterOf(builder, `${path}_${pascalCase(one.id)}`, one, inputs) },
      ]);
      return { ...Object.fromEntries(inner), ...PRESENCE, and: several, or: several, not: { type: filter } };
    },
  });
  return filter;
}

/** The fields of a component; each kind of blocks as a list of components. */
const fieldsInside = (field: Field): Field[] =>
  field.fields ??
  field.components!.map(({ id, fields }) => ({
    ...{ id, fields, type: "component", multiple: true },
    ...{ required: false, unique: false, localized: false },
  }));

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

/** Whether groups can be made by a field. */
export const isGroupable = (field: Field): boolean =>
  !["none", "parts", "location"].includes(filterKind(field));

/** Groups by spans of time: `publishedAt_MONTH`. */
export const spansOf = (columns: readonly Field[]): { name: string; value: string }[] =>
  [
    ...Object.entries(TIMES),
    ...columns
      .filter((field) => !field.multiple && filterKind(field) === "time")
      .map(({ id }) => [id, columnName(id)] as const),
  ].flatMap(([id, name]) =>
    TIME_UNITS.map((unit) => ({ name: `${name}_${unit.toUpperCase()}`, value: `${id}:${unit}` })),
  );

function fieldEnum(
  name: string,
  fields: Field[],
  more: { name: string; value: string }[] = [],
): GraphQLEnumType | undefined {
  if (fields.length === 0 && more.length === 0) return undefined;
  const values = Object.fromEntries([
    ...fields.map(({ id }) => [id.includes(".") ? columnName(id) : enumName(id), { value: id }] as const),
    ...more.map(({ name, value }) => [name, { value }] as const),
  ]);
  return new GraphQLEnumType({ name, values });
}

const OPERATOR_NAMES = new Set<string>(REST_OPERATORS);
const OPERATORS: Record<string, string> = { startsWith: "starts_with", endsWith: "ends_with" };
type Values = Record<string, unknown>;

/** What a name stands for: a field, or a list of entries of another type. */
type Named = { id: string; field?: Field; target?: CompiledType };
type Names = ReadonlyMap<string, Named>;

/** A filter argument as the same JSON that REST takes in `filter=`. */
export const toRestFilter = (schema: EnvironmentSchema, type: CompiledType, filter: Values): Values =>
  toRest(schema, namesOfType(schema, type), filter);

function toRest(schema: EnvironmentSchema, names: Names, filter: Values): Values {
  const rest: Values = {};
  const beside: Values[] = [];
  const several = (value: unknown) => ((value ?? []) as Values[]).map((one) => toRest(schema, names, one));
  for (const [name, value] of Object.entries(filter)) {
    if (name === "and" || name === "or") rest[name] = several(value);
    else if (name === "not") rest["not"] = toRest(schema, names, (value ?? {}) as Values);
    else {
      const named = names.get(name) ?? { id: name };
      const { id } = named;
      const [first, ...others] = toRestConditions(schema, named, value);
      if (first !== undefined) rest[id] = first;
      beside.push(...others.map((one) => ({ [id]: one })));
    }
  }
  return beside.length === 0 ? rest : { ...rest, and: [...((rest["and"] ?? []) as Values[]), ...beside] };
}

const namesOf = (fields: readonly Field[], more: Record<string, string> = {}): Names =>
  new Map<string, Named>([
    ...Object.entries(more).map(([id, name]) => [name, { id }] as const),
    ...fields.map((field) => [camelCase(field.id), { id: field.id, field }] as const),
  ]);

/** The fields of a type, its lists of what refers to its entries, and what every entry has. */
const namesOfType = (schema: EnvironmentSchema, type: CompiledType): Names =>
  new Map<string, Named>([
    ...backReferencesOf(schema, type).map(({ id, type: target }) => [camelCase(id), { id, target }] as const),
    ...namesOf([...type.fields.values()], TIMES),
  ]);

/** What REST says of one field; two things when a reference is compared and looked into. */
function toRestConditions(
  schema: EnvironmentSchema,
  { field, target = targetOf(schema, field) }: Named,
  value: unknown,
): unknown[] {
  if (typeof value !== "object" || value === null) return [value];
  if (field && hasInside(field)) return [toRest(schema, namesOf(fieldsInside(field)), value as Values)];
  if (field && kindOf(field).parts) return onPartsAndWhole(field, value as Values);
  const { where, ...operators } = value as Values;
  const conditions = restOperators(operators);
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

/** The one type that a reference leads to. */
const targetOf = (schema: EnvironmentSchema, field: Field | undefined): CompiledType | undefined =>
  field?.type === "reference" && field.to?.length === 1 ? schema.types.get(field.to[0]!) : undefined;

/** `filter[author][reading_minutes][starts_with]` in GraphQL's names; those inside JSON are as in REST. */
export function graphqlFilterPath(schema: EnvironmentSchema, type: CompiledType, path: string): string {
  const names = path
    .replace(/^filter/, "")
    .slice(1, -1)
    .split("][");
  let at: readonly Named[] | undefined = [...namesOfType(schema, type).values()];
  const written = names.flatMap((name, i) => {
    if (!at) return [name];
    const named = at.find(({ id }) => id === name);
    if (!named) return [camelCase(name)];
    const { field, target = targetOf(schema, field) } = named;
    const next = names[i + 1];
    const isLink = field ? field.type === "reference" : target !== undefined;
    const isInner = isLink && next !== undefined && !OPERATOR_NAMES.has(next);
    if (isInner) at = target ? [...namesOfType(schema, target).values()] : undefined;
    else if (field && hasInside(field)) at = [...namesOf(fieldsInside(field)).values()];
    return [camelCase(name), ...(isInner ? ["where"] : [])];
  });
  return path === "filter" ? path : `filter${written.map((name) => `[${name}]`).join("")}`;
}
