import { cutText } from "../cut-text.ts";
import { inOrderOfUse, targetsIn } from "./order.ts";
import type { OldIds } from "./new-ids.ts";
import { renamed, type Renames } from "./renames.ts";
import { byId, type Block, type Definition, type Field, type Model } from "./type-files.ts";

export type Risk = "safe" | "data-losing";
export type FieldChange = {
  action: "add" | "remove" | "change" | "rename";
  field: string;
  risk: Risk;
  /** What changes, and what it may cost. */
  details: string[];
};
export type TypeChange = {
  action: "create" | "change" | "delete";
  kind: "type" | "component";
  /** The id of the type or component. */
  type: string;
  risk: Risk;
  details: string[];
  fields: FieldChange[];
};
export type CurrentType = Definition & { version: number };
/**
 * How many entries a type has, and how many have a value in a field; undefined when that cannot be
 * counted.
 */
export type Usage = {
  entries: (type: string) => Promise<number>;
  values: (type: string, field: string) => Promise<number | undefined>;
  /** What becomes of values of fields that become localised, or are so no more. */
  locales?: { localize: string | undefined; unlocalize: string | undefined };
  /** What the environment says that a change of a type does to values; none where it cannot say yet. */
  steps?: (wanted: Definition, renames: Readonly<Record<string, string>>) => Promise<Step[]>;
};
/** What becomes of the values of a field, and how many copies have one. */
export type Step = {
  action: string;
  field: string;
  to?: string;
  drafts: number;
  published: number;
  versions: number;
};

const SWITCHES = ["required", "unique", "localized", "multiple"];
const SERVER_KEYS = ["version", "created_at", "updated_at", "usage"];

/**
 * What has to happen for the environment to have the wanted types and components, in the order in which
 * it can, and which of it would cost data.
 */
export async function planModel(
  current: Model<CurrentType>,
  wanted: Model,
  usage: Usage,
  renames: Renames = new Map(),
  oldIds: OldIds = { types: new Map(), components: new Map() },
): Promise<TypeChange[]> {
  const ordered = inOrderOfUse(wanted.components);
  const gone = <T extends Definition>(old: readonly T[], kept: readonly Definition[]) =>
    old.filter(({ id }) => !kept.some((one) => one.id === id));
  return [
    ...(await planned("component", current.components, ordered, usage, renames, oldIds.components)),
    ...(await planned("type", current.types, wanted.types.toSorted(byId), usage, renames, oldIds.types)),
    ...(await Promise.all(
      gone(current.types.toSorted(byId), wanted.types).map((type) => deletion(type, wanted, usage)),
    )),
    ...gone(inOrderOfUse(current.components), wanted.components)
      .toReversed()
      .map(({ id }): TypeChange => ({
        action: "delete",
        kind: "component",
        type: id,
        risk: "safe",
        details: [],
        fields: [],
      })),
  ];
}

async function planned(
  kind: TypeChange["kind"],
  current: readonly CurrentType[],
  wanted: readonly Definition[],
  usage: Usage,
  renames: Renames,
  oldIds: ReadonlyMap<string, string>,
): Promise<TypeChange[]> {
  const changes: TypeChange[] = [];
  for (const one of wanted) {
    const from = oldIds.get(one.id);
    const before = current.find(({ id }) => id === one.id);
    if (!before) {
      const fields = one.fields.map((field) => addition(field, false));
      changes.push({ action: "create", kind, type: one.id, risk: "safe", details: [], fields });
    } else if (from !== undefined || textOf(plainType(before)) !== textOf(plainType(one))) {
      const change =
        kind === "type"
          ? await changeOf(plainType(before), plainType(one), usage, renames.get(one.id))
          : await changeOfComponent(before, one, usage, renames.get(one.id));
      if (from !== undefined) change.details.unshift(`renamed from ${from}`);
      changes.push(change);
    }
  }
  return changes;
}

async function deletion(type: CurrentType, wanted: Model, usage: Usage): Promise<TypeChange> {
  const entries = await usage.entries(type.id);
  const details = entries > 0 ? [`has ${entries} ${entries === 1 ? "entry" : "entries"}`] : [];
  const referring = [...wanted.types, ...wanted.components].filter(({ fields }) =>
    targetsIn(fields).has(type.id),
  );
  if (referring.length > 0)
    details.push(`${referring.map(({ id }) => id).join(", ")} would refer to it still`);
  return { action: "delete", kind: "type", type: type.id, risk: riskOf(entries > 0), details, fields: [] };
}

/** A change of a component, which is one of every type that uses it. */
async function changeOfComponent(
  was: CurrentType,
  is: Definition,
  usage: Usage,
  renames: Readonly<Record<string, string>> | undefined,
): Promise<TypeChange> {
  const after = plainType(is);
  const { definition: before, done } = renamed(plainType(was), after, renames);
  const { types = [] } = (was["usage"] ?? {}) as { types?: string[] };
  const counts = await Promise.all(types.map((type) => usage.entries(type)));
  const hasEntries = counts.some((count) => count > 0);
  const details = keyChanges(before, after);
  if (types.length > 0) details.push(`used by ${types.join(", ")}`);
  const fields = [...done.map(asRename), ...changesOf(before.fields, after.fields, "", hasEntries)];
  const risk = riskOf(fields.some((one) => one.risk === "data-losing"));
  return { action: "change", kind: "component", type: is.id, risk, details, fields };
}

/** A type as people write it: without what the server adds, and without switches that are off. */
export function plainType(type: Definition): Definition {
  const kept = Object.entries(type).filter(([key]) => !SERVER_KEYS.includes(key) && key !== "fields");
  return { ...Object.fromEntries(kept), fields: type.fields.map(plainField) } as Definition;
}

function plainField(field: Field): Field {
  const kept = Object.entries(field).filter(([key, value]) => !(SWITCHES.includes(key) && value === false));
  return {
    ...(Object.fromEntries(kept) as Field),
    ...(field.fields ? { fields: field.fields.map(plainField) } : {}),
    ...(field.components
      ? {
          components: field.components.map((one) =>
            typeof one === "string" ? one : { ...one, fields: one.fields.map(plainField) },
          ),
        }
      : {}),
  };
}

const asRename = ([from, to]: [string, string]): FieldChange => ({
  action: "rename",
  field: from,
  risk: "safe",
  details: [`to ${to}`],
});

async function changeOf(
  was: Definition,
  after: Definition,
  usage: Usage,
  renames: Readonly<Record<string, string>> = {},
): Promise<TypeChange> {
  const { definition, done } = renamed(was, after, renames);
  const relocated = definition.fields.filter((field) => isRelocated(field, after, usage));
  const before = {
    ...definition,
    fields: definition.fields.map((field) => (relocated.includes(field) ? relocate(field) : field)),
  };
  const details = keyChanges(before, after);
  const order = (type: Definition) => type.fields.map(({ id }) => id).join(", ");
  const hasEntries = (await usage.entries(before.id)) > 0;
  const fields = changesOf(before.fields, after.fields, "", hasEntries);
  for (const change of fields) {
    const top = change.field.split(".")[0]!;
    const isMissed = change.action === "add" || change.details.some((one) => one.startsWith("required"));
    if (change.risk === "safe" || isMissed) continue;
    const values = await usage.values(before.id, top);
    if (values === 0) change.risk = "safe";
    else if (values !== undefined)
      change.details.push(`${values} ${values === 1 ? "entry has" : "entries have"} a value`);
  }
  if (fields.length + done.length + relocated.length === 0 && order(before) !== order(after))
    details.push("a different order of fields");
  const locales = relocated.map(({ id, localized }): FieldChange => {
    const details = [localized ? "localized: true → none" : "localized: none → true"];
    return { action: "change", field: id, risk: "safe", details };
  });
  fields.unshift(...done.map(asRename), ...locales);
  for (const step of hasEntries ? ((await usage.steps?.(after, renames)) ?? []) : []) {
    const change = fields.find(
      ({ field }) => field === (renames[step.field] ?? step.field) || field === step.field,
    );
    change?.details.push(`${step.drafts} drafts, ${step.published} published, ${step.versions} versions`);
  }
  const risk = riskOf(fields.some((one) => one.risk === "data-losing"));
  return { action: "change", kind: "type", type: before.id, risk, details, fields };
}

/** Whether it is said what becomes of values when a field becomes localised, or is so no more. */
function isRelocated(field: Field, after: Definition, { locales }: Usage): boolean {
  const now = after.fields.find(({ id }) => id === field.id);
  if (!now || !now["localized"] === !field["localized"]) return false;
  return Boolean(now["localized"] ? locales?.localize : locales?.unlocalize);
}

function relocate({ localized, ...field }: Field): Field {
  return (localized ? field : { ...field, localized: true }) as Field;
}

const keyChanges = (before: Definition, after: Definition): string[] =>
  changedKeys(before, after, ["fields"]).map((key) => `${key}: ${shown(before[key])} → ${shown(after[key])}`);

/** The changes of a list of fields, those inside components and blocks with their path. */
function changesOf(
  before: readonly Field[],
  after: readonly Field[],
  path: string,
  hasEntries: boolean,
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of after) {
    const old = before.find(({ id }) => id === field.id);
    if (!old) changes.push(addition(field, hasEntries, path));
    else if (textOf(old) !== textOf(field)) changes.push(...fieldChanges(old, field, path, hasEntries));
  }
  for (const { id, type } of before)
    if (!after.some((field) => field.id === id))
      changes.push({ action: "remove", field: path + id, risk: riskOf(hasEntries), details: [type] });
  return changes;
}

function addition(field: Field, hasEntries: boolean, path = ""): FieldChange {
  const isRequired = field["required"] === true && hasEntries;
  const details = [field.type, ...(isRequired ? ["required: existing entries have no value"] : [])];
  return { action: "add", field: path + field.id, risk: riskOf(isRequired), details };
}

function fieldChanges(before: Field, after: Field, path: string, hasEntries: boolean): FieldChange[] {
  const at = path + after.id;
  const own = changedKeys(before, after, ["fields", "components"]);
  const changes: FieldChange[] = [];
  if (own.length > 0) {
    const details = own.map((key) => `${key}: ${shown(before[key])} → ${shown(after[key])}`);
    const isNarrower = own.some((key) => isNarrowing(key, before[key], after[key]));
    changes.push({ action: "change", field: at, risk: riskOf(isNarrower && hasEntries), details });
  }
  if (before.fields && after.fields)
    changes.push(...changesOf(before.fields, after.fields, `${at}.`, hasEntries));
  const [old, now] = [blocksOf(before), blocksOf(after)];
  for (const component of now) {
    const was = old.find(({ id }) => id === component.id);
    if (!was)
      changes.push({ action: "add", field: `${at}.${component.id}`, risk: "safe", details: ["block"] });
    else changes.push(...changesOf(was.fields, component.fields, `${at}.${component.id}.`, hasEntries));
  }
  for (const { id } of old)
    if (!now.some((one) => one.id === id))
      changes.push({ action: "remove", field: `${at}.${id}`, risk: riskOf(hasEntries), details: ["block"] });
  return changes;
}

/** What a field of blocks takes; the fields of reusable components are a matter of theirs. */
const blocksOf = ({ components = [] }: Field): Block[] =>
  components.map((one) => (typeof one === "string" ? { id: one, fields: [] } : one));

/** Changes of the type of a field in which every value stays what it is. */
const WIDENING = [
  ...["integer number", "integer decimal", "date datetime", "enum short_text"],
  ...["short_text long_text", "short_text markdown", "long_text markdown"],
  ...["slug", "email", "url"].map((type) => `${type} short_text`),
];

/** The options of an enum without their labels. */
const valuesOf = (options: unknown): unknown[] =>
  ((options ?? []) as (string | { value: unknown })[]).map((one) =>
    typeof one === "object" ? one.value : one,
  );

/** Whether values that were right may be wrong now, or lost. */
function isNarrowing(key: string, before: unknown, after: unknown): boolean {
  switch (key) {
    case "name":
    case "help":
    case "default":
    case "editor":
    case "from":
    case "primary":
      return false;
    case "required":
    case "unique":
      return after === true;
    case "multiple":
      return after !== true;
    case "min":
      return after !== undefined && !(Number(after) <= Number(before));
    case "max":
      return after !== undefined && !(Number(after) >= Number(before));
    case "pattern":
      return after !== undefined;
    case "options":
      return valuesOf(before).some((one) => !valuesOf(after).includes(one));
    case "type":
      return !WIDENING.includes(`${String(before)} ${String(after)}`);
    case "scale":
      return after !== undefined && !(Number(after) >= Number(before));
    case "to":
    case "currencies":
    case "open_ends":
    case "accept":
    case "nodes":
    case "marks":
    case "headings":
    case "embeds":
      return (
        after !== undefined &&
        (before === undefined || (before as string[]).some((one) => !(after as string[]).includes(one)))
      );
    default:
      return true;
  }
}

function changedKeys(before: object, after: object, without: string[]): string[] {
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !without.includes(key));
  return keys.filter((key) => textOf(a[key]) !== textOf(b[key]));
}

const riskOf = (isLosing: boolean): Risk => (isLosing ? "data-losing" : "safe");
const shown = (value: unknown): string => (value === undefined ? "none" : cutText(JSON.stringify(value), 80));

/** JSON that is the same for the same value, whatever the order of its keys. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([x], [y]) => (x < y ? -1 : 1)))
      : one,
  );
}
