import type { ErrorDetail } from "../../core/errors.ts";
import { checkValue } from "./check-value.ts";
import type { Field } from "./schemas.ts";

/** What a new definition does to stored values: what it takes away, what it forbids, and which references may point to less. */
export type ValueChanges = { losses: ErrorDetail[]; violations: ErrorDetail[]; targets: Target[] };
export type Target = ErrorDetail & { id: string; to: string[] };
type Values = Record<string, unknown>;

export const noChanges = (): ValueChanges => ({ losses: [], violations: [], targets: [] });

/** What of a field decides whether a stored value is valid, at every depth. */
export const rulesOf = (field: Field): string => JSON.stringify(withoutWords(field));

function withoutWords({ name: _name, help: _help, default: _default, ...rules }: Field): object {
  const { fields, components } = rules;
  return {
    ...rules,
    ...(fields ? { fields: fields.map(withoutWords) } : {}),
    ...(components
      ? { components: components.map((one) => ({ id: one.id, fields: one.fields.map(withoutWords) })) }
      : {}),
  };
}

/** Whether the values of a field are of another kind than before: what does not fit then is lost. */
export const isOtherKind = (before: Field, after: Field): boolean =>
  before.type !== after.type || before.multiple !== after.multiple || before.localized !== after.localized;

/**
 * The stored value of a field of an entry (by locale when it is localised) as the new definition has it. Values of a field
 * that is gone or of another kind now are lost; values that a narrower rule forbids stay and are violations.
 */
export function changeStored(
  before: Field | undefined,
  after: Field | undefined,
  stored: unknown,
  defaultLocale: string,
  found: ValueChanges,
): unknown {
  if (!before) {
    if (after?.required) found.violations.push({ path: after.id, message: "is required" });
    return stored;
  }
  const becomesOther = after !== undefined && after.localized !== before.localized;
  if (becomesOther && hasValue(stored)) {
    found.losses.push({
      path: after.id,
      message: "has a value: whether a field is localised changes where values are",
    });
    if (!before.localized)
      return { [defaultLocale]: changeValue(before, after, stored, `${after.id}.${defaultLocale}`, found) };
    const kept = (stored as Values)[defaultLocale];
    return hasValue(kept) ? changeValue(before, after, kept, after.id, found) : null;
  }
  if (!before.localized || !isObject(stored)) return changeValue(before, after, stored, before.id, found);
  if (after?.required && !before.required && !hasValue(stored[defaultLocale]))
    found.violations.push({
      path: `${before.id}.${defaultLocale}`,
      message: "is required",
      locale: defaultLocale,
    });
  const changed = Object.entries(stored).map(([locale, value]) => {
    const mine = noChanges();
    const now = changeValue(before, after, value, `${before.id}.${locale}`, mine);
    found.losses.push(...mine.losses.map((one) => ({ ...one, locale })));
    found.violations.push(...mine.violations.map((one) => ({ ...one, locale })));
    found.targets.push(...mine.targets.map((one) => ({ ...one, locale })));
    return [locale, now] as const;
  });
  return Object.fromEntries(changed.filter(([, value]) => hasValue(value)));
}

function changeValue(
  before: Field,
  after: Field | undefined,
  value: unknown,
  path: string,
  found: ValueChanges,
): unknown {
  if (!hasValue(value)) {
    if (after?.required && !before.required) found.violations.push({ path, message: "is required" });
    return value;
  }
  if (!after) {
    found.losses.push({ path, message: "has a value, which removing the field would lose" });
    return null;
  }
  if (rulesOf(before) === rulesOf(after)) return value;
  if (before.type !== after.type || before.multiple !== after.multiple) {
    const { checked, issues } = check(after, value, path, true);
    if (issues.length === 0) return checked;
    found.losses.push({ path, message: issues[0]!.message });
    return null;
  }
  if (after.type === "component") return changeOwner(before.fields!, after.fields!, value, path, found);
  if (after.type === "blocks") return changeBlocks(before, after, value, path, found);
  if (after.to && before.to?.every((one) => after.to!.includes(one)) !== true)
    [value].flat().forEach((id, i) => {
      const message = `points to what is no ${after.to!.join(" or ")}`;
      const at = after.multiple ? `${path}[${i}]` : path;
      found.targets.push({ path: at, message, id: id as string, to: after.to! });
    });
  const known = new Set(check(before, value, path, false).issues.map((issue) => issue.path));
  const { issues } = check(after, value, path, false);
  found.violations.push(...issues.filter((issue) => !known.has(issue.path)));
  return value;
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
    if (hasValue(next) || one === null) out[id] = next;
  }
  for (const { id, required } of after) {
    const isNew = required && !old.get(id)?.required;
    if (isNew && !(old.has(id) && Object.hasOwn(value, id)))
      found.violations.push({ path: `${path}.${id}`, message: "is required" });
  }
  return out;
}

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
  const isWithin = ({ min = 0, max = Infinity }: Field) => value.length >= min && value.length <= max;
  if (isWithin(before) && !isWithin(after))
    found.violations.push({ path, message: `has ${value.length} blocks` });
  return value.flatMap((block: unknown, i) => {
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
}

function check(field: Field, value: unknown, path: string, allowIncomplete: boolean) {
  const issues: ErrorDetail[] = [];
  return { checked: checkValue(field, value, path, { issues, allowIncomplete }), issues };
}

export const hasValue = (value: unknown): boolean => value !== null && value !== undefined;
const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
