import { didYouMean } from "../../../../core/nearest.ts";
import {
  backReferenceOf,
  hasInside,
  PATH,
  RESERVED_FIELD_IDS,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import { badQuery } from "../query/index.ts";
import { relativeField } from "./relatives.ts";

/** What `fields=` names, by field: all of a value, or what is named inside it. */
export type Chosen = {
  isWhole: boolean;
  inner: Map<string, Chosen>;
  /** A reference whose target is not asked for. */
  isId?: boolean;
};

/**
 * Where the next step of a path is looked for: entries of some types, the inside of fields, an asset.
 */
type Place = { types: CompiledType[] } | { inside: Field[] } | { asset: true } | undefined;
/** `isList`: entries that are shown though no field has them. */
type Step = { fields: Field[]; isOwn: boolean; place: Place; isList?: boolean };

const MAX_REFERENCES = 3;
const OF_ASSETS = ["source_url", "filename", "mime", "title", "alt", "caption", "description"];

/**
 * Reads names and paths such as `title`, `seo.title`, `page.hero.text` and `author.name`; `includes`
 * are the references that paths go through, as `include` has them, `given` those that it names itself. Throws INVALID for what is not there.
 */
export function readChosen(
  schema: EnvironmentSchema,
  type: CompiledType,
  names: readonly string[],
  given: readonly string[],
): { chosen: Chosen; includes: string[] } {
  const chosen: Chosen = { isWhole: false, inner: new Map() };
  const includes = new Set<string>();
  for (const path of names) {
    let node = chosen;
    let place: Place = { types: [type] };
    const hops: string[] = [];
    const steps = path.split(".");
    for (const [i, name] of steps.entries()) {
      const isAtEntry = place !== undefined && "types" in place;
      const step = stepInto(schema, place, name);
      if (!step || (step.isOwn && i < steps.length - 1)) throw noSuchField(type, path, place, name);
      if (isAtEntry) hops.push(name);
      const isInner = i < steps.length - 1;
      if (step.isList || (isInner && step.fields.some((field) => isLink(field))))
        includes.add(hops.join("."));
      if (hops.length > MAX_REFERENCES + 1)
        throw badQuery(
          "fields",
          `follows references more than ${MAX_REFERENCES} deep: "${path.slice(0, 64)}"`,
        );
      node = childOf(node, name);
      if (!isAtEntry && step.fields.some((field) => isLink(field)))
        node.isId = !given.includes(hops.join("."));
      place = step.place;
    }
    node.isWhole = true;
  }
  return { chosen, includes: [...includes] };
}

const isLink = ({ type }: Field): boolean => type === "reference" || type === "media";

function childOf(node: Chosen, name: string): Chosen {
  let child = node.inner.get(name);
  if (!child) node.inner.set(name, (child = { isWhole: false, inner: new Map() }));
  return child;
}

function stepInto(schema: EnvironmentSchema, place: Place, name: string): Step | undefined {
  if (!place) return undefined;
  if ("asset" in place)
    return name === "id" || OF_ASSETS.includes(name)
      ? { fields: [], isOwn: true, place: undefined }
      : undefined;
  if ("types" in place) {
    const fields = place.types.flatMap((one) => one.fields.get(name) ?? []);
    if (fields.length > 0) return { fields, isOwn: false, place: placeBehind(schema, fields) };
    const behind = place.types.flatMap((one) => listed(schema, one, name));
    if (behind.length > 0) return { fields: [], isOwn: false, isList: true, place: { types: behind } };
    const isCommon = ownNames(place.types).includes(name);
    return isCommon ? { fields: [], isOwn: true, place: undefined } : undefined;
  }
  const fields = place.inside.flatMap((field) => insideOf(field).filter(({ id }) => id === name));
  return fields.length > 0 ? { fields, isOwn: false, place: placeBehind(schema, fields) } : undefined;
}

/** The types of the entries that a back reference, or what is above or below in a tree, leads to. */
function listed(schema: EnvironmentSchema, type: CompiledType, name: string): CompiledType[] {
  const link = backReferenceOf(schema, type, name);
  return link ? [link.type] : relativeField(type, name) ? [type] : [];
}

/** What entries have besides their fields. */
const ownNames = (types: readonly CompiledType[]): readonly string[] =>
  types.some((one) => one.pathParent) ? [...RESERVED_FIELD_IDS, PATH] : RESERVED_FIELD_IDS;

function placeBehind(schema: EnvironmentSchema, fields: Field[]): Place {
  if (fields.some(({ type }) => type === "media")) return { asset: true };
  const references = fields.filter(({ type }) => type === "reference");
  if (references.length > 0) {
    const ids = references.flatMap(({ to }) => to ?? [...schema.types.keys()]);
    return { types: [...new Set(ids)].flatMap((id) => schema.types.get(id) ?? []) };
  }
  const inside = fields.filter((field) => hasInside(field) && field.type !== "rich_text");
  return inside.length > 0 ? { inside } : undefined;
}

/** The fields of a component; the kinds of blocks as components. */
const insideOf = (field: Field): Field[] =>
  field.fields ??
  (field.components ?? []).map(({ id, fields }) => ({ id, fields, type: "component" }) as Field);

function noSuchField(type: CompiledType, path: string, place: Place, name: string) {
  const names =
    !place || "asset" in place
      ? place
        ? OF_ASSETS
        : []
      : "types" in place
        ? [...place.types.flatMap((one) => [...one.fields.keys()]), ...ownNames(place.types)]
        : place.inside.flatMap((field) => insideOf(field).map(({ id }) => id));
  return badQuery(
    "fields",
    `names no field of ${type.id}: "${path.slice(0, 64)}".${didYouMean(name, names)}`,
  );
}

/** The paths of what is chosen of an entry itself. */
export function chosenPaths(type: CompiledType, { inner }: Chosen): string[] {
  const within = (place: Field[], node: Chosen, path: string): string[] =>
    node.isWhole
      ? [path]
      : [...node.inner].flatMap(([name, next]) => {
          const fields = place.flatMap((field) => insideOf(field).filter(({ id }) => id === name));
          return within(fields, next, fields.length > 0 ? `${path}.${name}` : path);
        });
  return [...inner].flatMap(([name, node]) => {
    const field = type.fields.get(name);
    return field ? within([field], node, name) : [];
  });
}

type Values = Record<string, unknown>;

/** What is chosen of a value that an entry has under a name: of a field, or of a list of entries. */
export function pickNamed(
  schema: EnvironmentSchema,
  type: CompiledType | undefined,
  name: string,
  value: unknown,
  chosen: Chosen,
  locale: string,
): unknown {
  const field = type?.fields.get(name);
  if (field || !type || chosen.isWhole || listed(schema, type, name).length === 0)
    return pickValue(schema, field, value, chosen, locale);
  const pick = (entries: unknown) =>
    Array.isArray(entries) ? entries.map((one) => pickEntry(schema, one as Values, chosen, locale)) : entries;
  if (Array.isArray(value)) return pick(value);
  return typeof value === "object" && value !== null
    ? { ...value, data: pick((value as Values)["data"]) }
    : value;
}

/** An entry that another one leads to: its id and type, and what is chosen. */
function pickEntry(schema: EnvironmentSchema, of: Values, chosen: Chosen, locale: string): Values {
  if (of["status"] === "unavailable") return of;
  const type = schema.types.get(String(of["type"]));
  const kept: Values = { id: of["id"], ...(type ? { type: of["type"] } : {}) };
  for (const [name, inner] of chosen.inner)
    if (Object.hasOwn(of, name)) kept[name] = pickNamed(schema, type, name, of[name], inner, locale);
  return kept;
}

/** What of an entry's value is chosen; with `*` localised values are objects by locale. */
export function pickValue(
  schema: EnvironmentSchema,
  field: Field | undefined,
  value: unknown,
  chosen: Chosen,
  locale: string,
): unknown {
  if (!field || chosen.isWhole || typeof value !== "object" || value === null) return value;
  const pick = (one: unknown): unknown =>
    Array.isArray(one) ? one.map(pick) : pickOne(schema, field, one, chosen, locale);
  if (!field.localized || locale !== "*") return pick(value);
  return Object.fromEntries(Object.entries(value).map(([code, one]) => [code, pick(one)]));
}

function pickOne(
  schema: EnvironmentSchema,
  field: Field,
  value: unknown,
  chosen: Chosen,
  locale: string,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  const of = value as Values;
  if (isLink(field)) return pickEntry(schema, of, chosen, locale);
  if (field.type === "component") return pickInside(schema, field.fields!, of, chosen, locale);
  const fields = field.components?.find(({ id }) => id === of["type"])?.fields ?? [];
  const block = chosen.inner.get(String(of["type"]));
  if (block?.isWhole) return of;
  return { type: of["type"], ...(block ? pickInside(schema, fields, of, block, locale) : {}) };
}

function pickInside(
  schema: EnvironmentSchema,
  fields: Field[],
  of: Values,
  chosen: Chosen,
  locale: string,
): Values {
  const kept: Values = {};
  for (const [name, inner] of chosen.inner) {
    if (!Object.hasOwn(of, name)) continue;
    const field = fields.find(({ id }) => id === name);
    kept[name] = inner.isWhole && inner.isId ? idsOf(of[name]) : of[name];
    if (!inner.isWhole) kept[name] = pickValue(schema, field, of[name], inner, locale);
  }
  return kept;
}

/** References that are named without anything of what they lead to. */
function idsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(idsOf);
  return typeof value === "object" && value !== null ? (value as Values)["id"] : value;
}
