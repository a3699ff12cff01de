import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLString,
  Kind,
  valueFromASTUntyped,
  type GraphQLFieldConfigMap,
  type GraphQLInputFieldConfigMap,
} from "graphql";
import { readDecimal, writeNumber } from "../../core/decimals.ts";
import { readDateOrDatetime } from "../../core/datetimes.ts";
import { renderHtml, renderText } from "../../domain/content/rich-text/index.ts";
import { filterKind, isNumeric, type Field } from "../../domain/content/types/index.ts";
import type { RequestState, EntryValues } from "./request-state.ts";

export const JsonScalar = new GraphQLScalarType({
  name: "JSON",
  description: "Any JSON value.",
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});
export const DateTime = new GraphQLScalarType({
  name: "DateTime",
  description: "A datetime such as 2026-01-31T09:30:00Z; responses are in UTC.",
  serialize: (value) => value,
  parseValue(value) {
    if (typeof value === "string" && readDateOrDatetime(value) !== undefined) return value;
    throw new GraphQLError("A datetime must look like 2026-01-31T09:30:00Z, a date like 2026-01-31.");
  },
});

export const Decimal = new GraphQLScalarType({
  name: "Decimal",
  description: 'An exact decimal as a string such as "12.50".',
  serialize: (value) => value,
  parseValue: readDecimalInput,
  parseLiteral(node) {
    const { kind } = node;
    if (kind === Kind.STRING || kind === Kind.INT || kind === Kind.FLOAT) return readDecimalInput(node.value);
    throw new GraphQLError(NO_DECIMAL);
  },
});
const NO_DECIMAL = 'A decimal must look like "12.50".';

function readDecimalInput(value: unknown): string {
  const text = typeof value === "number" ? writeNumber(value) : value;
  if (typeof text === "string" && readDecimal(text) !== undefined) return text;
  throw new GraphQLError(NO_DECIMAL);
}

export const RichText = new GraphQLObjectType({
  name: "RichText",
  fields: {
    json: { type: JsonScalar, resolve: (doc) => doc },
    html: {
      type: GraphQLString,
      description: "Sanitised: safe to insert into a page.",
      resolve: (doc) => renderHtml(doc),
    },
    text: { type: GraphQLString, resolve: (doc) => renderText(doc) },
  },
});
export const RichTextFormEnum = new GraphQLEnumType({
  name: "RichTextForm",
  description: "The format of rich text inside JSON.",
  values: { json: {}, html: {}, text: {} },
});
export const Localization = new GraphQLObjectType({
  name: "Localization",
  fields: { locale: { type: new GraphQLNonNull(GraphQLString) }, slug: { type: GraphQLString } },
});
export const Location = new GraphQLObjectType({
  name: "Location",
  fields: { lat: { type: GraphQLFloat }, lon: { type: GraphQLFloat } },
});
export const LocationInput = new GraphQLInputObjectType({
  name: "LocationInput",
  fields: {
    lat: { type: new GraphQLNonNull(GraphQLFloat) },
    lon: { type: new GraphQLNonNull(GraphQLFloat) },
  },
});

const ends = (type: GraphQLScalarType) => ({ from: { type }, to: { type } });
const object = (name: string, description: string, fields: GraphQLFieldConfigMap<unknown, RequestState>) =>
  new GraphQLObjectType<unknown, RequestState>({ name, description, fields });

/** Values that consist of parts: the object, the input, and the filter of each field type. */
export const OF_PARTS = {
  money: {
    output: object("Money", "An amount in a currency.", {
      amount: { type: Decimal },
      currency: { type: GraphQLString },
    }),
    input: new GraphQLInputObjectType({
      name: "MoneyInput",
      fields: {
        amount: { type: new GraphQLNonNull(Decimal) },
        currency: { type: new GraphQLNonNull(GraphQLString), description: "Its code of ISO 4217." },
      },
    }),
  },
  date_range: {
    output: object("DateRange", "Days, both ends included; null for an open end.", ends(GraphQLString)),
    input: new GraphQLInputObjectType({ name: "DateRangeInput", fields: ends(GraphQLString) }),
  },
  datetime_range: {
    output: object("DateTimeRange", "A time, both ends included; null for an open end.", ends(DateTime)),
    input: new GraphQLInputObjectType({ name: "DateTimeRangeInput", fields: ends(DateTime) }),
  },
  number_range: {
    output: object("NumberRange", "Numbers, both ends included; null for an open end.", ends(GraphQLFloat)),
    input: new GraphQLInputObjectType({ name: "NumberRangeInput", fields: ends(GraphQLFloat) }),
  },
} as const;

/** The types of a value that consists of parts; undefined for others. */
export const partsOf = ({ type }: Field): (typeof OF_PARTS)[keyof typeof OF_PARTS] | undefined =>
  Object.hasOwn(OF_PARTS, type) ? OF_PARTS[type as keyof typeof OF_PARTS] : undefined;

/** A value that REST calls by its snake_case name. */
const of = (name: string) => (owner: EntryValues) => owner[name] ?? null;

export const Asset = new GraphQLObjectType<EntryValues, RequestState>({
  name: "Asset",
  description: "A file, or the URL of a remote file. As a value of an entry it has no size and checksum.",
  fields: {
    id: { type: new GraphQLNonNull(GraphQLID) },
    file: {
      type: GraphQLString,
      description: "The path to download it; needs a token.",
      resolve: ({ id }) => `/api/v3/assets/${id as string}/file`,
    },
    sourceUrl: { type: GraphQLString, resolve: of("source_url") },
    filename: { type: GraphQLString },
    mime: { type: GraphQLString },
    title: { type: GraphQLString },
    alt: { type: GraphQLString },
    caption: { type: GraphQLString },
    description: { type: GraphQLString },
    sizeBytes: { type: GraphQLFloat, resolve: of("size_bytes") },
    sha256: { type: GraphQLString },
    status: { type: GraphQLString, description: "`unavailable` when it was deleted." },
  },
});

export const EntryStatus = new GraphQLEnumType({
  name: "EntryStatus",
  values: { draft: {}, published: {}, changed: {}, unavailable: {} },
});
export const PerspectiveEnum = new GraphQLEnumType({
  name: "Perspective",
  description: "`draft` returns working copies and needs a token with the scope `write`.",
  values: { published: {}, draft: {} },
});

/** The fields of every entry, of any type. */
export const COMMON: GraphQLFieldConfigMap<EntryValues, RequestState> = {
  id: { type: new GraphQLNonNull(GraphQLID) },
  type: { type: GraphQLString },
  locale: { type: GraphQLString },
  version: { type: GraphQLInt },
  status: { type: EntryStatus },
  publishedAt: { type: DateTime, resolve: of("published_at") },
  createdAt: { type: DateTime, resolve: of("created_at") },
  updatedAt: { type: DateTime, resolve: of("updated_at") },
  createdBy: { type: GraphQLString, description: "Only with working copies.", resolve: of("created_by") },
  updatedBy: { type: GraphQLString, description: "Only with working copies.", resolve: of("updated_by") },
  publishedVersion: { type: GraphQLInt, resolve: of("published_version") },
  publishedLocales: { type: JsonScalar, resolve: of("published_locales") },
  stage: { type: GraphQLString, description: "Its stage in the review." },
  assignee: { type: GraphQLString },
};

/**
 * The property in which lists and `readOne` pass permissions on a working copy; no field can have this
 * name.
 */
export const CAN = "@can";

/** What the caller may do with an entry; on the objects of types, and not on what they have in common. */
export const EntryCan = {
  type: new GraphQLObjectType<EntryValues, RequestState>({
    name: "EntryCan",
    fields: {
      update: { type: GraphQLBoolean },
      publish: { type: GraphQLBoolean },
      unpublish: { type: GraphQLBoolean },
      delete: { type: GraphQLBoolean },
      fields: {
        type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
        description: "The fields that you may change, if not all.",
      },
    },
  }),
  description:
    "Your permissions on it; only with working copies (`perspective: draft`), not with referenced entries.",
  resolve: (owner: EntryValues) => owner[CAN] ?? null,
};

export const MOVED_FROM = "@moved_from";

/** The slug by which an entry was found though it has another one now. */
export const MovedFrom = {
  type: GraphQLString,
  description:
    "The slug that was asked for, when the entry was published by it and has another one now: lead readers there.",
  resolve: (owner: EntryValues) => owner[MOVED_FROM] ?? null,
};

/** The path of an entry of a tree. */
export const PathOfEntry = {
  type: GraphQLString,
  description: "The slugs of the entries above it and its own.",
  resolve: (owner: EntryValues) => (typeof owner["path"] === "string" ? owner["path"] : null),
};

export const CommonEntry = new GraphQLInterfaceType({
  name: "CommonEntry",
  description: "The fields of every entry, of any type.",
  fields: COMMON,
  resolveType: (entry: EntryValues, state: RequestState) =>
    state.objectName(entry["type"] as string | undefined),
});
export const UnavailableEntry = new GraphQLObjectType<EntryValues, RequestState>({
  name: "UnavailableEntry",
  description: "The target of a reference that is not published or was deleted.",
  interfaces: [CommonEntry],
  fields: COMMON,
});

const list = (type: GraphQLScalarType) => new GraphQLList(new GraphQLNonNull(type));
/** What one value of a field is, where it is written as it is read and has no parts. */
export function scalarOf(field: Field): GraphQLScalarType {
  switch (field.type) {
    case "enum":
      return isNumeric(field) ? GraphQLFloat : GraphQLString;
    case "integer":
    case "number":
      return GraphQLFloat;
    case "decimal":
      return Decimal;
    case "boolean":
      return GraphQLBoolean;
    case "datetime":
      return DateTime;
    default:
      return GraphQLString;
  }
}

export const PRESENCE = { exists: { type: GraphQLBoolean }, null: { type: GraphQLBoolean } };
const equality = (type: GraphQLScalarType) => ({
  eq: { type },
  ne: { type },
  in: { type: list(type) },
  nin: { type: list(type) },
});
const order = (type: GraphQLScalarType) => ({ gt: { type }, gte: { type }, lt: { type }, lte: { type } });

const Near = new GraphQLInputObjectType({
  name: "Near",
  fields: {
    lat: { type: new GraphQLNonNull(GraphQLFloat) },
    lon: { type: new GraphQLNonNull(GraphQLFloat) },
    km: { type: new GraphQLNonNull(GraphQLFloat) },
  },
});
const Box = new GraphQLInputObjectType({
  name: "Box",
  description: "Crosses the date line where its west is greater than its east.",
  fields: Object.fromEntries(
    ["south", "west", "north", "east"].map((side) => [side, { type: new GraphQLNonNull(GraphQLFloat) }]),
  ),
});
/** A point to sort by the distance from. */
export const Nearest = new GraphQLInputObjectType({
  name: "Nearest",
  fields: {
    field: { type: new GraphQLNonNull(GraphQLString), description: "A location field, as GraphQL calls it." },
    lat: { type: new GraphQLNonNull(GraphQLFloat) },
    lon: { type: new GraphQLNonNull(GraphQLFloat) },
  },
});
const input = (name: string, fields: GraphQLInputFieldConfigMap) =>
  new GraphQLInputObjectType({ name, fields });

/** The operators of a reference, for filters that know its one target. */
export const REFERENCE_OPERATORS = {
  ...equality(GraphQLID),
  contains: { type: GraphQLID },
  ...PRESENCE,
};
/** The operator of references into a tree, besides those of all. */
export const TREE_OPERATORS = {
  within: { type: GraphQLID, description: "At or below an entry of a tree." },
};

/** The operators of each kind of value, as in REST. */
const FILTERS = {
  text: input("TextFilter", {
    ...equality(GraphQLString),
    ...order(GraphQLString),
    contains: { type: GraphQLString },
    startsWith: { type: GraphQLString },
    endsWith: { type: GraphQLString },
    ...PRESENCE,
  }),
  number: input("NumberFilter", { ...equality(GraphQLFloat), ...order(GraphQLFloat), ...PRESENCE }),
  decimal: input("DecimalFilter", { ...equality(Decimal), ...order(Decimal), ...PRESENCE }),
  boolean: input("BooleanFilter", { ...equality(GraphQLBoolean), ...order(GraphQLBoolean), ...PRESENCE }),
  time: input("TimeFilter", { ...equality(DateTime), ...order(DateTime), ...PRESENCE }),
  location: input("LocationFilter", {
    near: { type: Near },
    box: { type: Box },
    polygon: { type: new GraphQLList(new GraphQLNonNull(LocationInput)) },
    ...PRESENCE,
  }),
  none: input("PresenceFilter", PRESENCE),
  id: input("IdFilter", equality(GraphQLID)),
  reference: input("ReferenceFilter", {
    ...REFERENCE_OPERATORS,
    where: { type: JsonScalar, description: "Conditions on the referenced entry, with the syntax of REST." },
  }),
};
const rangeFilter = (
  name: string,
  end: GraphQLInputObjectType,
  type: GraphQLScalarType,
  ends: GraphQLInputObjectType,
) =>
  input(name, {
    from: { type: end },
    to: { type: end },
    contains: { type },
    overlaps: { type: ends },
    ...PRESENCE,
  });
/** The filters of field types that have their own. */
const FILTERS_OF_TYPE: Partial<Record<Field["type"], GraphQLInputObjectType>> = {
  boolean: FILTERS.boolean,
  time: input("ClockFilter", { ...equality(GraphQLString), ...order(GraphQLString), ...PRESENCE }),
  money: input("MoneyFilter", {
    amount: { type: FILTERS.decimal },
    currency: { type: FILTERS.text },
    ...PRESENCE,
  }),
  date_range: rangeFilter("DateRangeFilter", FILTERS.time, DateTime, OF_PARTS.date_range.input),
  datetime_range: rangeFilter("DateTimeRangeFilter", FILTERS.time, DateTime, OF_PARTS.datetime_range.input),
  number_range: rangeFilter("NumberRangeFilter", FILTERS.number, GraphQLFloat, OF_PARTS.number_range.input),
};
/** Every filter that is there in every environment. */
export const ALL_FILTERS = [...new Set([...Object.values(FILTERS), ...Object.values(FILTERS_OF_TYPE)])];
export const ID_FILTER = FILTERS.id;
export const TIME_FILTER = FILTERS.time;

/** The operators of a field. */
export function filterOfField(field: Field): GraphQLInputObjectType {
  const kind = filterKind(field);
  return FILTERS_OF_TYPE[field.type] ?? FILTERS[kind === "parts" ? "none" : kind];
}

/** Types that entries of every environment may lead to. */
export const OF_ENTRIES = [
  CommonEntry,
  UnavailableEntry,
  EntryCan.type,
  RichText,
  RichTextFormEnum,
  PerspectiveEnum,
  Localization,
  Location,
  LocationInput,
  Nearest,
  Asset,
  DateTime,
  Decimal,
  JsonScalar,
  ...Object.values(OF_PARTS).flatMap(({ output, input }) => [output, input]),
];
