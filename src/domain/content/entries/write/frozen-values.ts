import { sameValue, sortedText } from "../../../../core/same-value.ts";
import type { Access } from "../../grants/index.ts";
import { validateRichText, withWholeTexts, type RichTextNode } from "../../rich-text/index.ts";
import {
  customIn,
  customNames,
  withCustom,
  type CompiledType,
  type CustomIn,
  type Field,
} from "../../types/index.ts";
import { pairRanges, type Range } from "./pair-ranges.ts";
import { pairing } from "./pair-values.ts";
import { cutAt, runsOf, seamsOf, textOf, type Run } from "./ranges-in.ts";

type Values = Record<string, unknown>;
/** A part of a value by its name in grants, and where it is: `gallery.caption` at `gallery[2].caption`. */
export type WrittenPart = { name: string; path: string };
type At = WrittenPart;
/** What grants name in the fields of a type: something inside a part, or a part itself. */
export type Names = { hasInside(name: string): boolean; isNamed(name: string): boolean };
type Inside = { fields: readonly Field[]; values: Values; name: string; kind: string };

/** What a writer may do with parts of a value; the values of frozen and of hidden parts are kept. */
export type Frozen = {
  names: Names;
  isFrozen(name: string): boolean;
  isHidden(name: string): boolean;
  /** Hidden and frozen parts for which a value is given: whether it is the same would tell what it is. */
  refused: WrittenPart[];
};

export const namesIn = (access: Access, type: CompiledType): Names => ({
  hasInside: (name) => access.namedBelow(type, name).length > 0,
  isNamed: (name) => access.namedBelow(type, name.split(".", 1)[0]!).includes(name),
});

/** What a writer gives for a field, with what is stored in the parts that they leave out and may not change, or see. */
export function withKept(frozen: Frozen, field: Field, given: unknown, stored: unknown, at: At): unknown {
  if (!frozen.names.hasInside(at.name)) return given;
  if (field.type === "rich_text") return documentKept(frozen, field, given, stored, at);
  if (Array.isArray(given)) {
    const before = listOf(stored);
    const same = pairs(frozen.names, field, before, given, at.name);
    return given.map((one: unknown, i) => {
      const found = before[same[i]!];
      return ownerKept(frozen, field, one, found, { name: at.name, path: `${at.path}[${i}]` });
    });
  }
  return ownerKept(frozen, field, given, stored, at);
}

function ownerKept(frozen: Frozen, field: Field, given: unknown, stored: unknown, at: At): unknown {
  if (!isObject(given)) return given;
  const inside = insideOf(field, given, at.name);
  if (!inside) return given;
  return { ...given, ...fieldsKept(frozen, inside, isObject(stored) ? stored : {}, at.path) };
}

function fieldsKept(frozen: Frozen, { fields, values, name }: Inside, stored: Values, path: string): Values {
  const kept: Values = {};
  for (const field of fields) {
    const at = { name: `${name}.${field.id}`, path: `${path}.${field.id}` };
    const before = own(stored, field.id);
    const isGiven = Object.hasOwn(values, field.id);
    const hasParts = frozen.names.hasInside(at.name);
    if (field.computed !== undefined) continue;
    if (isGiven && hasParts) kept[field.id] = withKept(frozen, field, values[field.id], before, at);
    else if (isGiven && frozen.isFrozen(at.name) && frozen.isHidden(at.name)) frozen.refused.push(at);
    else if (isGiven) continue;
    else if (hasParts) keepParts(frozen, field, before, at, kept);
    else if (!frozen.isFrozen(at.name) && !frozen.isHidden(at.name)) continue;
    else if (before !== undefined) kept[field.id] = before;
    else if (field.default !== undefined && frozen.isFrozen(at.name)) kept[field.id] = null;
  }
  return kept;
}

/** Of a part that is left out whole: what of it is frozen stays, in a list each element. */
function keepParts(frozen: Frozen, field: Field, stored: unknown, at: At, kept: Values): void {
  if (stored === undefined || stored === null) return;
  if (field.type !== "component" || Array.isArray(stored)) kept[field.id] = stored;
  else kept[field.id] = withKept(frozen, field, {}, stored, at);
}

function documentKept(frozen: Frozen, field: Field, given: unknown, stored: unknown, at: At): unknown {
  if (!isObject(given) || validateRichText(given, "", customNames(field)).length > 0) return given;
  const { before, runs, same } = documentPairs(frozen.names, field, stored, given, at);
  const found = new Map(runs.flatMap((run, i) => run.map((place) => [place, before.values[same[i]!]])));
  let place = 0;
  return withCustom(field, given, ({ type, fields, attrs, path }) => {
    const stays = found.get(place++);
    const inside = { fields, values: attrs, name: `${at.name}.${type}`, kind: type };
    return { ...attrs, ...fieldsKept(frozen, inside, isObject(stays) ? stays : {}, `${at.path}.${path}`) };
  });
}

/** Which parts of a value differ from what is stored, as far as grants name parts. */
export function changedParts(
  names: Names,
  field: Field,
  stored: unknown,
  now: unknown,
  at: At,
): WrittenPart[] {
  if (!names.hasInside(at.name)) return isSame(stored, now) ? [] : [at];
  if (isSame(stored, now)) return [];
  if (field.type === "rich_text") return changedDocument(names, field, stored, now, at);
  if (!Array.isArray(stored) && !Array.isArray(now))
    return changedInside(names, insideOf(field, stored, at.name), insideOf(field, now, at.name), at.path);
  const [before, after] = [elements(stored, at.path), elements(now, at.path)];
  const same = pairs(names, field, before.values, after.values, at.name);
  return changedList(names, field, { before, after, same, joined: new Set() }, at);
}

type Elements = { values: unknown[]; paths: string[] };
/** For each element the stored one that it is; `joined` are stored ones that another has taken in. */
type Paired = { before: Elements; after: Elements; same: number[]; joined: ReadonlySet<number> };

const elements = (value: unknown, path: string): Elements => {
  const values = Array.isArray(value) ? value : [];
  return { values, paths: values.map((_, i) => `${path}[${i}]`) };
};

function changedList(
  names: Names,
  field: Field,
  { before, after, same, joined }: Paired,
  at: At,
): WrittenPart[] {
  const isMoved = before.values.length !== after.values.length || same.some((place, i) => place !== i);
  const inside = (value: unknown) => insideOf(field, value, at.name);
  const kept = new Set([...same, ...joined]);
  const changed = [
    ...after.values.flatMap((one, i) =>
      changedInside(names, inside(before.values[same[i]!]), inside(one), after.paths[i]!),
    ),
    ...before.values.flatMap((one, i) =>
      kept.has(i) ? [] : changedInside(names, inside(one), undefined, before.paths[i]!),
    ),
  ];
  // Nothing but a list without elements in place of none, or the other way round.
  return isMoved || changed.length === 0 ? [at, ...changed] : changed;
}

/** The text of a document is the field's own; what grants name is in its components. */
function changedDocument(names: Names, field: Field, stored: unknown, now: unknown, at: At): WrittenPart[] {
  const bare = (doc: unknown) => (isObject(doc) ? withCustom(field, doc, () => ({})) : doc);
  const whole = (doc: unknown) => (isObject(doc) ? bare(withWholeTexts(doc as RichTextNode)) : doc);
  const isOther = !isSame(bare(stored), bare(now)) && !isSame(whole(stored), whole(now));
  const paired = documentPairs(names, field, stored, now, at);
  const isAlike = isSame(paired.before.values, paired.after.values);
  return [...(isOther ? [at] : []), ...(isAlike ? [] : changedList(names, field, paired, at))];
}

/** The components in a document, each with the stored one that it is, or was split off. */
function documentPairs(names: Names, field: Field, stored: unknown, now: unknown, at: At) {
  const [old, parts] = [stored, now].map((doc) => (isObject(doc) ? customIn(field, doc) : [])) as [
    CustomIn[],
    CustomIn[],
  ];
  const oldRuns = runsOf(old);
  const runs = cutAt(seamsOf(old, oldRuns), parts, runsOf(parts));
  const rangeOf = (all: readonly CustomIn[], run: Run): Range => {
    const { type, fields, attrs } = all[run[0]!]!;
    const inside = { fields, values: attrs, name: `${at.name}.${type}`, kind: type };
    const [exact, look] = [sortedForm(inside), sortedForm(inside, names)];
    return { kind: type, text: textOf(all, run), exact, look };
  };
  const elementsOf = (all: readonly CustomIn[], some: readonly Run[]): Elements => ({
    values: some.map((run) => ({ ...all[run[0]!]!.attrs, type: all[run[0]!]!.type })),
    paths: some.map((run) => `${at.path}.${all[run[0]!]!.path}`),
  });
  const ranges = pairRanges(
    oldRuns.map((run) => rangeOf(old, run)),
    runs.map((run) => rangeOf(parts, run)),
  );
  return { runs, before: elementsOf(old, oldRuns), after: elementsOf(parts, runs), ...ranges };
}

function changedInside(
  names: Names,
  before: Inside | undefined,
  after: Inside | undefined,
  path: string,
): WrittenPart[] {
  const inside = after ?? before;
  if (!inside) return [];
  return inside.fields.flatMap((field) =>
    field.computed === undefined
      ? changedParts(
          names,
          field,
          before && own(before.values, field.id),
          after && own(after.values, field.id),
          { name: `${inside.name}.${field.id}`, path: `${path}.${field.id}` },
        )
      : [],
  );
}

/**
 * For each element the stored one that it is: the same, or else one that differs only in what grants
 * name inside it, or else one of its kind at its place; -1 for a new one.
 */
function pairs(
  names: Names,
  field: Field,
  before: readonly unknown[],
  after: readonly unknown[],
  name: string,
): number[] {
  const { found, taken, take, byKey } = pairing(before, after);
  const kind = (value: unknown) => insideOf(field, value, name)?.kind;
  byKey((value) => sortedText(withoutNulls(value)));
  byKey((value) => sortedForm(insideOf(field, value, name), names));
  after.forEach((one, i) => {
    const isFree = found[i] === -1 && i < before.length && !taken.has(i);
    if (isFree && kind(one) === kind(before[i])) take(i, i);
  });
  return found;
}

/** A text that elements with the same values share, but for fields of which grants speak. */
function sortedForm(inside: Inside | undefined, names?: Names): string {
  if (!inside) return "null";
  const { fields, values, name, kind } = inside;
  const isNamed = (id: string) => names?.hasInside(`${name}.${id}`) || names?.isNamed(`${name}.${id}`);
  const rest = fields.filter(({ id, computed }) => computed === undefined && !isNamed(id));
  return sortedText(
    withoutNulls([kind, Object.fromEntries(rest.map(({ id }) => [id, own(values, id) ?? null]))]),
  );
}

/** The fields of a component, or those of a block by its kind. */
function insideOf(field: Field, value: unknown, name: string): Inside | undefined {
  if (!isObject(value)) return undefined;
  if (field.fields) return { fields: field.fields, values: value, name, kind: "" };
  const block = field.components?.find(({ id }) => id === value["type"]);
  return block && { fields: block.fields, values: value, name: `${name}.${block.id}`, kind: block.id };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const own = (values: Values, id: string): unknown => (Object.hasOwn(values, id) ? values[id] : undefined);
const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same value; what is absent is null. */
const isSame = (one: unknown, other: unknown): boolean =>
  sameValue(withoutNulls(one ?? null), withoutNulls(other ?? null));

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutNulls(one)]));
}
