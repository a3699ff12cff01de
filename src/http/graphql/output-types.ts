import { ownValue } from "../../core/own-value.ts";
import {
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLInputType,
  type GraphQLOutputType,
} from "graphql";
import { invalid } from "../../core/errors.ts";
import { hasLocalizations } from "../../domain/content/entries/index.ts";
import {
  innerFields,
  isNumeric,
  optionsOf,
  PATH,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import { listedField, listFields } from "./back-references.ts";
import { DEFAULT_LIMIT, MAX_DESCENDANTS, relativesOf } from "../../domain/content/entries/index.ts";
import { wholeNumber, type Arguments } from "./arguments.ts";
import type { Builder } from "./builder.ts";
import { byType } from "./by-type.ts";
import { optionsType } from "./enum-options.ts";
import type { RequestState, EntryValues } from "./request-state.ts";
import { camelCase, componentName, pascalCase } from "./names.ts";
import { sharedInterfaces } from "./shared-interfaces.ts";
import { componentInput } from "./value-inputs.ts";
import {
  Asset,
  COMMON,
  CommonEntry,
  EntryCan,
  JsonScalar,
  Localization,
  Location,
  partsOf,
  MovedFrom,
  PathOfEntry,
  RichText,
  scalarOf,
} from "./scalars.ts";

/** The locales that an entry is published in; of a working copy all of them. */
const LOCALIZATIONS_FIELD = {
  type: new GraphQLList(new GraphQLNonNull(Localization)),
  description: "The locales that it is published in, each with its slug; of working copies all locales.",
};

/** One object for each content type, each field in its own type: references, components and blocks too. */
export function entryObjects(schema: EnvironmentSchema, claim: (name: string) => string): Builder {
  const entries = byType(schema, (type) => {
    const { description } = type.definition;
    return new GraphQLObjectType<EntryValues, RequestState>({
      name: claim(`${pascalCase(type.id)}Entry`),
      ...(description ? { description } : {}),
      interfaces: () => [
        CommonEntry,
        ...sharedInterfaces(builder, type, (field) => reusableType(builder, field.component!, field.fields!)),
      ],
      fields: () => {
        builder.made.add(type.id);
        return {
          ...COMMON,
          [type.fields.has("can") ? "canDo" : "can"]: EntryCan,
          ...(type.pathParent ? { [PATH]: PathOfEntry } : {}),
          ...(type.slugField
            ? { [type.fields.has("moved_from") ? "wasMovedFrom" : "movedFrom"]: MovedFrom }
            : {}),
          ...(hasLocalizations(type) ? { localizations: LOCALIZATIONS_FIELD } : {}),
          ...ownFields(builder, [...type.fields.values()], pascalCase(type.id), true),
          ...relativeFields(builder, type),
          ...listFields(builder, type),
        };
      },
    });
  });
  const inputNames = [...(schema.components?.keys() ?? [])].map(
    (id) => [id, claim(`${componentName(id)}Input`)] as const,
  );
  const builder: Builder = {
    ...{ schema, claim, entries, components: new Map(), made: new Set() },
    ...{
      shared: new Map(),
      objects: new Map(),
      componentInputs: new Map(),
      componentInputNames: new Map(inputNames),
    },
  };
  return builder;
}

/** The entries above and below one in the tree of its type: they come along in the same round trip. */
function relativeFields(
  { entries }: Builder,
  { id, definition }: CompiledType,
): GraphQLFieldConfigMap<EntryValues, RequestState> {
  const type = new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(entries.get(id)!)));
  const read = (owner: EntryValues, name: string) => (ownValue(owner, name) ?? []) as unknown[];
  return Object.fromEntries(
    relativesOf(definition).map(({ id: name, description }) => [
      name,
      name === "ancestors"
        ? { type, description, resolve: (owner: EntryValues) => read(owner, name) }
        : {
            type,
            description: `${description} The first ${DEFAULT_LIMIT} without a limit.`,
            args: { limit: { type: GraphQLInt } },
            resolve: (owner: EntryValues, args: Arguments) =>
              read(owner, name).slice(0, wholeNumber(args, "limit", DEFAULT_LIMIT, MAX_DESCENDANTS)),
          },
    ]),
  );
}

function ownFields(
  builder: Builder,
  fields: Field[],
  path: string,
  isEntry = false,
): GraphQLFieldConfigMap<EntryValues, RequestState> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const one = singleType(builder, field, `${path}_${pascalCase(field.id)}`);
      const isMany = field.multiple || field.type === "blocks";
      const ofType = (one: GraphQLOutputType) => (isMany ? new GraphQLList(new GraphQLNonNull(one)) : one);
      const read = (owner: EntryValues, value = ownValue(owner, field.id)) => {
        requireOneLocale(field, owner);
        return valueOf(field, value);
      };
      const isListed = isEntry && field.multiple && field.type === "reference";
      const value = {
        type: ofType(one),
        ...(field.help ? { description: field.help } : {}),
        resolve: (owner: EntryValues) => read(owner),
        ...(isListed ? listedField(builder, field, read) : {}),
      };
      const label = {
        type: ofType(GraphQLString),
        description: `The label of ${camelCase(field.id)}, or its value where it has none.`,
        resolve: (owner: EntryValues) => labelOf(field, read(owner)),
      };
      return [
        [camelCase(field.id), value],
        ...(hasLabels(field) ? [[`${camelCase(field.id)}_label`, label]] : []),
        ...optionField(builder, field, `${path}_${pascalCase(field.id)}`, { ofType, read }),
      ];
    }),
  );
}

/** `state_option`: an enum of texts in a type of its own; what is no option any more is left out. */
function optionField(
  { claim }: Builder,
  field: Field,
  path: string,
  { ofType, read }: { ofType(one: GraphQLOutputType): GraphQLOutputType; read(owner: EntryValues): unknown },
): [string, GraphQLFieldConfig<EntryValues, RequestState>][] {
  const options = optionsType(field, () => claim(path));
  if (!options) return [];
  const isOption = (value: unknown) => optionsOf(field).has(value as string);
  const resolve = (owner: EntryValues) => {
    const value = read(owner);
    if (Array.isArray(value)) return value.filter(isOption);
    return isOption(value) ? value : null;
  };
  const description = `The option of ${camelCase(field.id)}.`;
  return [[`${camelCase(field.id)}_option`, { type: ofType(options), description, resolve }]];
}

function requireOneLocale(field: Field, owner: EntryValues): void {
  if (field.localized && owner["locale"] === "*" && field.type !== "json")
    throw invalid(
      "graphql/one-locale",
      `${camelCase(field.id)} has a value for each locale: ask for one locale, or read them all by content(type, locale: "*") { fields }.`,
    );
}

const hasLabels = (field: Field): boolean =>
  [...optionsOf(field).values()].some((label) => label !== undefined);

function labelOf(field: Field, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => labelOf(field, one));
  return value === null ? null : (optionsOf(field).get(value as string) ?? String(value));
}

/**
 * A reference that was not filled in is its id. While a type changes, an answer may be older than it:
 * what does not fit the field as it is now is left out.
 */
function valueOf(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (!field.multiple && field.type !== "blocks") return fits(field, value) ? shown(field, value) : null;
  if (!Array.isArray(value)) return null;
  return value.filter((one) => fits(field, one)).map((one) => shown(field, one));
}

const shown = (field: Field, value: unknown) =>
  (field.type === "reference" || field.type === "media") && typeof value === "string" ? { id: value } : value;

function fits(field: Field, value: unknown): boolean {
  const owner =
    typeof value === "object" && value !== null && !Array.isArray(value) ? (value as EntryValues) : undefined;
  switch (field.type) {
    case "integer":
    case "number":
      return typeof value === "number";
    case "enum":
      return typeof value === (isNumeric(field) ? "number" : "string");
    case "boolean":
      return typeof value === "boolean";
    case "json":
      return true;
    case "rich_text":
      return owner?.["type"] === "doc";
    case "location":
      return typeof owner?.["lat"] === "number" && typeof owner["lon"] === "number";
    case "reference":
    case "media":
      return typeof value === "string" || typeof owner?.["id"] === "string";
    case "component":
      return owner !== undefined;
    case "blocks":
      return owner !== undefined && field.components!.some(({ id }) => id === owner["type"]);
    default:
      return partsOf(field) ? owner !== undefined : typeof value === "string";
  }
}

function singleType(builder: Builder, field: Field, path: string): GraphQLOutputType {
  switch (field.type) {
    case "rich_text":
      return RichText;
    case "json":
      return JsonScalar;
    case "location":
      return Location;
    case "media":
      return Asset;
    case "reference":
      return referenceType(builder, field);
    case "component":
      return field.component === undefined
        ? componentType(builder, field.fields!, path)
        : reusableType(builder, field.component, field.fields!);
    case "blocks":
      return blocksType(builder, field, path);
    default:
      return partsOf(field)?.output ?? scalarOf(field);
  }
}

/** The target's own type when there is but one, and what all entries have in common otherwise. */
function referenceType({ entries }: Builder, field: Field): GraphQLOutputType {
  return (field.to?.length === 1 ? entries.get(field.to[0]!) : undefined) ?? CommonEntry;
}

/** The object of a reusable component; undefined where no type uses it. */
export function componentTypes(
  builder: Builder,
  id: string,
): { object: GraphQLObjectType; input: GraphQLInputType } | undefined {
  const user = builder.schema.types.get(builder.schema.components?.get(id) ?? "");
  const find = (fields: readonly Field[]): Field[] | undefined => {
    for (const field of fields) {
      if (field.component === id) return field.fields;
      const block = field.components?.find(({ component }) => component === id);
      const found = block?.fields ?? find(innerFields(field));
      if (found) return found;
    }
    return undefined;
  };
  const fields = user && find(user.definition.fields);
  if (!fields) return undefined;
  return { object: reusableType(builder, id, fields), input: componentInput(builder, id, fields) };
}

/** One object, wherever the component is used; as a block it says its type. */
function reusableType(builder: Builder, id: string, fields: Field[]) {
  let type = builder.components.get(id);
  if (!type) {
    const path = componentName(id);
    type = new GraphQLObjectType<EntryValues, RequestState>({
      name: path,
      fields: () => ({
        type: { type: new GraphQLNonNull(GraphQLString), resolve: () => id },
        ...ownFields(builder, fields, path),
      }),
    });
    builder.components.set(id, type);
  }
  return type;
}

function componentType(builder: Builder, fields: Field[], path: string, isBlock = false) {
  const type = new GraphQLObjectType<EntryValues, RequestState>({
    name: builder.claim(path),
    fields: () => ({
      ...(isBlock ? { type: { type: GraphQLString } } : {}),
      ...ownFields(builder, fields, path),
    }),
  });
  builder.objects.set(fields, type);
  return type;
}

function blocksType(builder: Builder, field: Field, path: string): GraphQLUnionType {
  const byId = new Map(
    field.components!.map(({ id, component, fields }) => [
      id,
      component === undefined
        ? componentType(builder, fields, `${path}_${pascalCase(id)}`, true)
        : reusableType(builder, component, fields),
    ]),
  );
  return new GraphQLUnionType({
    name: builder.claim(path),
    types: [...byId.values()],
    resolveType: (block: EntryValues) => byId.get(block["type"] as string)?.name,
  });
}

/**
 * `content(type, …)`: an entry of any type, its title and slug being those of its display and slug
 * fields.
 */
export function anyEntryObject(schema: EnvironmentSchema): GraphQLObjectType<EntryValues, RequestState> {
  const typeOf = (entry: EntryValues): CompiledType | undefined => schema.types.get(entry["type"] as string);
  return new GraphQLObjectType<EntryValues, RequestState>({
    name: "Entry",
    description: "An entry of any type: title and slug are the values of its type's display and slug fields.",
    fields: {
      ...COMMON,
      title: {
        type: GraphQLString,
        resolve: (entry) => text(ownValue(entry, typeOf(entry)?.displayField?.id ?? "")),
      },
      slug: {
        type: GraphQLString,
        resolve: (entry) => text(ownValue(entry, typeOf(entry)?.slugField?.id ?? "")),
      },
      fields: {
        type: JsonScalar,
        resolve: (entry) =>
          Object.fromEntries(
            [...(typeOf(entry)?.fields.keys() ?? [])].map((id) => [id, ownValue(entry, id) ?? null]),
          ),
      },
    },
  });
}

const text = (value: unknown) => (typeof value === "string" ? value : null);
