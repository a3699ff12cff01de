import { hasContent, withoutCustomParts, type RichTextDocument } from "../rich-text/index.ts";
import type { ErrorDetail } from "../../../core/errors.ts";
import { ownValue } from "../../../core/own-value.ts";
import { checkValue } from "./check-value.ts";
import { adoptValue, asMany, inRange, kindOf } from "./field-kinds/index.ts";
import { mediaExpectation, mediaRulesOf, type MediaRules } from "./media-rules.ts";
import { customNames, targetsIn, withCustom } from "./rich-text-rules.ts";
import type { Field } from "./schemas.ts";

/**
 * The effect of a new definition on stored values: what it removes, what it forbids, and which
 * references it restricts. Published data stays complete; a working copy may become incomplete.
 */
export type ValueChanges = {
  isPublished: boolean;
  losses: ErrorDetail[];
  violations: ErrorDetail[];
  targets: Target[];
};
export type Target = ErrorDetail & { id: string; to?: string[]; rules?: MediaRules };
type Values = Record<string, unknown>;

export const noChanges = (isPublished: boolean): ValueChanges => ({
  isPublished,
  losses: [],
  violations: [],
  targets: [],
});

/** What of a field decides whether a stored value is valid, at every depth. */
export const rulesOf = (field: Field): string => JSON.stringify(withoutWords(field));

/** Conditions are asked of what is written, and never of what is there. */
function withoutWords({
  name: _n,
  help: _h,
  default: _d,
  component: _c,
  primary: _p,
  from: _f,
  component_rules: _cr,
  rules: _r,
  required_if: _ri,
  visible_if: _v,
  computed: _co,
  ...rules
}: Field): object {
  const { fields, components, options } = rules;
  return {
    ...rules,
    ...(options ? { options: options.map((one) => (typeof one === "object" ? one.value : one)) } : {}),
    ...(fields ? { fields: fields.map(withoutWords) } : {}),
    ...(components
      ? { components: components.map((one) => ({ id: one.id, fields: one.fields.map(withoutWords) })) }
      : {}),
  };
}

/**
 * Whether all values of a field stay valid and as they are: nothing but words changed, or optional
 * fields and blocks were added inside.
 */
export function onlyAdds(before: Field, after: Field): boolean {
  if ((before.computed === undefined) !== (after.computed === undefined)) return false;
  const [was, is] = [ownRules(before), ownRules(after)];
  if (was !== is) return false;
  const blocks = before.components ?? [];
  return (
    onlyAddsFields(before.fields ?? [], after.fields ?? []) &&
    blocks.every(({ id, fields }) => {
      const now = after.components?.find((one) => one.id === id);
      return now !== undefined && onlyAddsFields(fields, now.fields);
    })
  );
}

function onlyAddsFields(before: Field[], after: Field[]): boolean {
  const old = new Map(before.map((field) => [field.id, field]));
  const now = new Map(after.map((field) => [field.id, field]));
  return (
    before.every((field) => now.has(field.id) && onlyAdds(field, now.get(field.id)!)) &&
    after.every((field) => old.has(field.id) || !field.required)
  );
}

const ownRules = ({ fields: _f, components: _c, ...own }: Field): string => rulesOf(own);

/** Whether the values of a field are found in another way than before. */
export const isFoundOtherwise = (before: Field, after: Field): boolean =>
  kindOf(before).filter !== kindOf(after).filter || before.localized !== after.localized;

export const isOtherKind = (before: Field, after: Field): boolean =>
  before.type !== after.type || before.multiple !== after.multiple || before.localized !== after.localized;

/** The locales of an environment, and the published locales of the entry. */
export type LocalesOfCopy = {
  defaultLocale: string;
  chains: ReadonlyMap<string, string[]>;
  shownIn: readonly string[];
};

/**
 * The stored value of a field of an entry (by locale when it is localised) as the new definition has
 * it. Values of a field that is gone or of another kind now are lost; values that a narrower rule
 * forbids stay and are violations.
 */
export function changeStored(
  before: Field | undefined,
  after: Field | undefined,
  stored: unknown,
  locales: LocalesOfCopy,
  found: ValueChanges,
): unknown {
  if (!before) {
    if (after?.required) found.violations.push({ path: after.id, message: "is required" });
    return stored;
  }
  // What was computed is computed again.
  if (after?.computed !== undefined && before.computed !== undefined)
    return isOtherKind(before, after) ? null : stored;
  const now = changeLocales(before, after, stored, locales.defaultLocale, found);
  if (after?.computed !== undefined && hasValue(stored))
    found.losses.push({ path: after.id, message: "has a value, and would be computed" });
  if (after?.required) requireStored(before, after, stored, now, locales, found);
  return now;
}

function changeLocales(
  before: Field,
  after: Field | undefined,
  stored: unknown,
  defaultLocale: string,
  found: ValueChanges,
): unknown {
  if (before.localized ? !isObject(stored) || !Object.values(stored).some(hasValue) : !hasValue(stored))
    return after?.localized === before.localized ? stored : null;
  if (after !== undefined && after.localized !== before.localized) {
    found.losses.push({
      path: after.id,
      message: "has a value: whether a field is localised changes where values are",
    });
    if (before.localized)
      return changeValue(before, after, (stored as Values)[defaultLocale] ?? null, after.id, found);
    const now = changeValue(before, after, stored, `${after.id}.${defaultLocale}`, found);
    return hasValue(now) ? { [defaultLocale]: now } : null;
  }
  if (!before.localized) return changeValue(before, after, stored, before.id, found);
  const changed = Object.entries(stored as Values).map(([locale, value]) => {
    const mine = noChanges(found.isPublished);
    const now = changeValue(before, after, value, `${before.id}.${locale}`, mine);
    found.losses.push(...mine.losses.map((one) => ({ ...one, locale })));
    found.violations.push(...mine.violations.map((one) => ({ ...one, locale })));
    found.targets.push(...mine.targets.map((one) => ({ ...one, locale })));
    return [locale, now] as const;
  });
  return Object.fromEntries(changed.filter(([, value]) => hasValue(value)));
}

/** Asks as publishing does: in each locale for the value that it shows, its own or that of a fallback. */
function requireStored(
  before: Field,
  after: Field,
  stored: unknown,
  now: unknown,
  { defaultLocale, chains, shownIn }: LocalesOfCopy,
  found: ValueChanges,
): void {
  if (!after.localized) {
    const values = before.localized ? Object.values(stored ?? {}) : [stored];
    return requireKept(
      before,
      after,
      values.find((one) => !isMissing(before, one)),
      now,
      { path: after.id },
      found,
    );
  }
  const shown = (by: unknown, locale: string) =>
    (chains.get(locale) ?? [locale]).map((step) => ownValue(by as Values, step)).find(hasValue);
  for (const locale of found.isPublished ? shownIn : [defaultLocale]) {
    const was = before.localized ? shown(stored ?? {}, locale) : stored;
    requireKept(
      before,
      after,
      was,
      shown(now ?? {}, locale),
      { path: `${after.id}.${locale}`, locale },
      found,
    );
  }
}

/**
 * A value that has become required must be there; one that was already must not be lost where it is
 * published.
 */
function requireKept(
  before: Field,
  after: Field | undefined,
  was: unknown,
  now: unknown,
  at: { path: string; locale?: string },
  found: ValueChanges,
): void {
  if (!after?.required || !isMissing(after, now)) return;
  const isLost = found.isPublished && !isMissing(before, was);
  if (before.required && !isLost) return;
  if (found.violations.some(({ path }) => path === at.path)) return;
  const message = isLost ? "is required, and would be lost in the published version" : "is required";
  found.violations.push({ ...at, message, ...(isLost ? { perspective: "published" } : {}) });
}

function changeValue(
  before: Field,
  after: Field | undefined,
  value: unknown,
  path: string,
  found: ValueChanges,
): unknown {
  if (!hasValue(value)) return value;
  if (!after) {
    found.losses.push({ path, message: "has a value, which would be lost with the field" });
    return null;
  }
  if (rulesOf(before) === rulesOf(after)) return value;
  if (before.multiple !== after.multiple) return changeNumber(before, after, value, path, found);
  if (before.type !== after.type) {
    const adopted = adoptValue(after, value);
    const { checked, issues } = check(after, adopted, path, true);
    if (issues.length > 0) {
      found.losses.push({ path, message: issues[0]!.message });
      return null;
    }
    if (found.isPublished)
      for (const issue of check(after, adopted, path, false).issues)
        found.violations.push({ ...issue, perspective: "published" });
    return checked;
  }
  if (after.type === "component" && after.multiple) return changeList(before, after, value, path, found);
  if (after.type === "component") return changeOwner(before.fields!, after.fields!, value, path, found);
  if (after.type === "blocks") return changeBlocks(before, after, value, path, found);
  if (after.to && before.to?.every((one) => after.to!.includes(one)) !== true)
    [value].flat().forEach((id, i) => {
      const message = `points to something other than ${after.to!.join(" or ")}`;
      const at = after.multiple ? `${path}[${i}]` : path;
      found.targets.push({ path: at, message, id: id as string, to: after.to! });
    });
  const kept = after.type === "rich_text" ? changeText(before, after, value, path, found) : value;
  if (after.type === "rich_text") found.targets.push(...newTargets(before, after, kept, path));
  const rules = mediaRulesOf(after);
  if (rules && JSON.stringify(rules) !== JSON.stringify(mediaRulesOf(before)))
    [value].flat().forEach((id, i) => {
      const at = after.multiple ? `${path}[${i}]` : path;
      found.targets.push({ path: at, message: `is no ${mediaExpectation(rules)}`, id: id as string, rules });
    });
  const known = new Set(check(before, value, path, false).issues.map((issue) => issue.path));
  for (const { path: at } of found.violations) known.add(at);
  const { checked, issues } = check(after, kept, path, false);
  found.violations.push(...issues.filter((issue) => !known.has(issue.path)));
  return after.type === "decimal" && issues.length === 0 ? checked : kept;
}

/** A single value becomes a list of it, and a list of one its element. */
function changeNumber(
  before: Field,
  after: Field,
  value: unknown,
  path: string,
  found: ValueChanges,
): unknown {
  const now = asMany(after, value);
  if (after.multiple !== Array.isArray(now) && hasValue(now)) {
    const count = (value as unknown[]).length;
    found.losses.push({ path, message: `has ${count} values, of which only one could stay` });
    return null;
  }
  const { min: _min, max: _max, ...rules } = before;
  return changeValue({ ...rules, multiple: after.multiple }, after, now, path, found);
}

/** Rich text without the components that may not be in it any more, and with what the others lose. */
function changeText(before: Field, after: Field, doc: unknown, path: string, found: ValueChanges): unknown {
  const [old, now] = [customNames(before), customNames(after)];
  const left = withoutCustomParts(
    doc as RichTextDocument,
    (name, kind) => old[kind].has(name) && !now[kind].has(name),
    (name, at) =>
      found.losses.push({ path: `${path}.${at}`, message: `is a component "${name}", which would be lost` }),
  );
  return withCustom(before, left, ({ type, fields, attrs, path: at }) => {
    const component = after.components?.find((one) => one.id === type);
    return component ? changeOwner(fields, component.fields, attrs, `${path}.${at}`, found) : attrs;
  });
}

/** What rich text may not link or embed any more, unless it is of one of the types. */
function newTargets(before: Field, after: Field, doc: unknown, path: string): Target[] {
  if (JSON.stringify([before.links, before.embeds]) === JSON.stringify([after.links, after.embeds]))
    return [];
  return targetsIn(after, doc).flatMap(({ id, to }) =>
    to ? [{ path, message: `refers to something other than ${to.join(" or ")}`, id, to }] : [],
  );
}

function changeOwner(
  before: Field[],
  after: Field[],
  value: unknown,
  path: string,
  found: ValueChanges,
): unknown {
  if (!isObject(value)) {
    found.losses.push({ path, message: "must be an object" });
    return null;
  }
  const old = new Map(before.map((field) => [field.id, field]));
  const now = new Map(after.map((field) => [field.id, field]));
  const out: Values = {};
  for (const [id, one] of Object.entries(value)) {
    const field = old.get(id);
    if (!field && now.has(id)) continue;
    const next = field ? changeValue(field, now.get(id), one, `${path}.${id}`, found) : one;
    if (field) requireKept(field, now.get(id), one, next, { path: `${path}.${id}` }, found);
    if (hasValue(next) || one === null) out[id] = next;
  }
  for (const { id, required } of after) {
    const isNew = required && !old.get(id)?.required;
    if (isNew && !(old.has(id) && Object.hasOwn(value, id)))
      found.violations.push({ path: `${path}.${id}`, message: "is required" });
  }
  return out;
}

function changeList(before: Field, after: Field, value: unknown, path: string, found: ValueChanges): unknown {
  if (!Array.isArray(value)) {
    found.losses.push({ path, message: "must be a list of objects" });
    return null;
  }
  if (isWithin(before, value) && !isWithin(after, value))
    found.violations.push({ path, message: `has ${value.length} elements` });
  return value.map((one: unknown, i) =>
    changeOwner(before.fields!, after.fields!, one, `${path}[${i}]`, found),
  );
}

const isWithin = (field: Field, { length }: unknown[]): boolean => inRange(field, length);

function changeBlocks(
  before: Field,
  after: Field,
  value: unknown,
  path: string,
  found: ValueChanges,
): unknown {
  if (!Array.isArray(value)) {
    found.losses.push({ path, message: "must be a list of blocks" });
    return null;
  }
  const kept = value.flatMap((block: unknown, i) => {
    const at = `${path}[${i}]`;
    const type = isObject(block) ? block["type"] : undefined;
    const now = after.components!.find((one) => one.id === type);
    if (!now) {
      found.losses.push({ path: at, message: `is a block "${String(type)}", which would be lost` });
      return [];
    }
    const old = before.components!.find((one) => one.id === type);
    return [old ? changeOwner(old.fields, now.fields, block, at, found) : block];
  });
  // A working copy that loses all of them is incomplete; one with too few is invalid.
  if (kept.length === 0 && value.length > 0 && !found.isPublished) return null;
  if (isWithin(before, value) && !isWithin(after, kept)) {
    const left = kept.length < value.length ? `would have ${kept.length} of its` : "has";
    found.violations.push({ path, message: `${left} ${value.length} blocks` });
  }
  return kept;
}

function check(field: Field, value: unknown, path: string, allowIncomplete: boolean) {
  const issues: ErrorDetail[] = [];
  return { checked: checkValue(field, value, path, { issues, allowIncomplete, isStored: true }), issues };
}

/** What publishing takes for no value. */
const isMissing = ({ type }: Field, value: unknown): boolean =>
  !hasValue(value) ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (type === "rich_text" && !hasContent(value as RichTextDocument));
export const hasValue = (value: unknown): boolean => value !== null && value !== undefined;
const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
