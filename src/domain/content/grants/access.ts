import { keepNewest } from "../../../core/keep-newest.ts";
import { Ability, type RawRuleOf, type RuleOf } from "@casl/ability";
import type { Actor, Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import type { Grant } from "../../../core/grants.ts";
import { insufficientScope } from "../../../core/permissions.ts";
import type { CompiledType, EnvironmentSchema } from "../types/index.ts";
import { ALWAYS, isAlways, isNever, joined, negated, NEVER, type Condition } from "./condition.ts";
import { covers, fieldsNow, innerNames, isBelow } from "./field-paths.ts";
import { holds, type Subject } from "./holds.ts";
import { conditionOf } from "./read-condition.ts";

/** What is done to content, as grants name it. */
export type ContentAction =
  | "content:read"
  | "content:read-draft"
  | "content:write"
  | "content:publish"
  | "content:delete";

/** The conditions of a rule besides action, type and field. `locales` undefined: all locales. */
type RuleConditions = {
  grant: Grant;
  locales: readonly string[] | undefined;
  test: Condition;
  isRefusal: boolean;
};
/** An entry, or its values in one locale; null is the entry as a whole. */
type EntryInLocale = { entry: Subject; locale: string | null };
type EntryAbility = Ability<[string, "entry" | EntryInLocale], RuleConditions>;
export type EntryRule = RuleOf<EntryAbility>;

/** What an actor's grants say of one environment's entries. */
export type Access = {
  readonly schema: EnvironmentSchema;
  /** By type, action and locale: whether some fields are hidden. */
  readonly masks: Map<string, boolean>;
  abilityOf(type: CompiledType): EntryAbility;
  /** What grants name inside a field or a path of one: nothing where its parts are all alike. */
  namedBelow(type: CompiledType, path: string): readonly string[];
};

const CONTENT = ["content:read", "content:read-draft", "content:write", "content:publish", "content:delete"];
const NONE: readonly string[] = [];
const MAX_KEPT = 300;
const kept = new Map<string, Access>();
const ofActor = new WeakMap<Actor, Access>();

/** What the actor's grants say; undefined when nothing narrows what their scopes hold. */
export function accessOf(
  ctx: Pick<Context, "actor" | "tenantId">,
  schema: EnvironmentSchema,
): Access | undefined {
  const { actor } = ctx;
  if (actor.grants === undefined) return undefined;
  const known = ofActor.get(actor);
  if (known?.schema === schema) return known;
  const { id, kind, roles, attributes, grants } = actor;
  const key = `${ctx.tenantId}|${JSON.stringify([id, kind, roles, attributes, grants])}`;
  let access = kept.get(key);
  if (access?.schema !== schema) {
    access = buildAccess(schema, actor);
    keepNewest(kept, key, access, MAX_KEPT);
  }
  ofActor.set(actor, access);
  return access;
}

/** The abilities of an actor, created per type on first use. */
export function buildAccess(schema: EnvironmentSchema, actor: Actor): Access {
  const abilities = new Map<string, EntryAbility>();
  const inner = new Map<string, ReturnType<typeof innerNames>>();
  return {
    schema,
    masks: new Map(),
    abilityOf(type) {
      let ability = abilities.get(type.id);
      if (!ability) abilities.set(type.id, (ability = buildAbility(type, actor)));
      return ability;
    },
    namedBelow(type, path) {
      let names = inner.get(type.id);
      if (!names) inner.set(type.id, (names = innerNames(type, actor)));
      const [top, ...rest] = path.split(".", 2) as [string, ...string[]];
      const known = names.get(top) ?? NONE;
      return rest.length === 0 ? known : known.filter((name) => isBelow(name, path));
    },
  };
}

function buildAbility(type: CompiledType, actor: Actor): EntryAbility {
  const rules = (actor.grants ?? []).flatMap((grant) => ruleOf(type, grant, actor));
  // The last rule that matches decides: refusals come last, whatever the order of the grants.
  rules.sort((a, b) => Number(a.inverted) - Number(b.inverted));
  return new Ability<[string, "entry" | EntryInLocale], RuleConditions>(rules, {
    anyAction: "*",
    detectSubjectType: () => "entry",
    fieldMatcher: (fields) => (field) => fields.some((name) => covers(name, field)),
    conditionsMatcher: ({ locales, test, isRefusal }) => {
      const matches = ({ entry, locale }: EntryInLocale) =>
        speaksOf(locales, locale, isRefusal) && holds(test, entry, isRefusal);
      return matches as never;
    },
  });
}

function ruleOf(type: CompiledType, grant: Grant, actor: Actor): RawRuleOf<EntryAbility>[] {
  const isMeant = !(grant.types && !grant.types.includes(type.id)) && !grant.except_types?.includes(type.id);
  const action = CONTENT.filter((one) =>
    grant.actions.some((given) => given === "*" || given === "content:*" || given === one),
  );
  if (!isMeant || action.length === 0) return [];
  const isRefusal = grant.effect === "deny";
  const test = grant.conditions === undefined ? ALWAYS : conditionOf(type, grant.conditions, actor);
  // If conditions cannot be evaluated, `allow` allows nothing and `deny` denies everything.
  if (!test && !isRefusal) return [];
  const conditions = { grant, locales: grant.locales, test: test ?? ALWAYS, isRefusal };
  return [
    {
      action,
      subject: "entry",
      inverted: isRefusal,
      conditions,
      ...(grant.fields ? { fields: fieldsNow(type, grant.fields) } : {}),
    },
  ];
}

/** A permission for some locales says nothing of the whole entry; a refusal for some does. */
function speaksOf(
  locales: readonly string[] | undefined,
  locale: string | null,
  isRefusal: boolean,
): boolean {
  if (locales === undefined) return true;
  return locale === null ? isRefusal : locales.includes(locale);
}

/**
 * Which part of an entry is meant. Without fields the entry itself; null among the locales is what no
 * locale owns.
 */
export type Part = {
  fields?: readonly string[] | undefined;
  locales: readonly (string | null)[];
  /** Whether one of the locales is enough. */
  isAny?: boolean;
};

/**
 * Under which condition an action on entries of a type is granted: `ALWAYS`, `NEVER`, or something to
 * ask of each.
 */
export function grantedIf(access: Access, type: CompiledType, action: ContentAction, part: Part): Condition {
  const ability = access.abilityOf(type);
  const known = new Map<string, Condition>();
  const under = (field: string | undefined, locale: string | null): Condition => {
    const rules = rulesOf(ability, action, field, locale);
    const key = rules.map(({ priority }) => priority).join();
    let condition = known.get(key);
    if (!condition) known.set(key, (condition = conditionOfRules(rules)));
    return condition;
  };
  const fields = part.fields === undefined || part.fields.length === 0 ? [undefined] : part.fields;
  const byLocale = part.locales.map((locale) =>
    joined(
      "all",
      fields.map((field) => under(field, locale)),
    ),
  );
  return joined(part.isAny ? "any" : "all", byLocale);
}

function rulesOf(
  ability: EntryAbility,
  action: string,
  field: string | undefined,
  locale: string | null,
): EntryRule[] {
  return ability
    .rulesFor(action, "entry", field)
    .filter(({ conditions, inverted }) => speaksOf(conditions!.locales, locale, inverted));
}

function conditionOfRules(rules: readonly EntryRule[]): Condition {
  const tests = (isRefusal: boolean) =>
    rules.filter(({ inverted }) => inverted === isRefusal).map(({ conditions }) => conditions!.test);
  const allowed = tests(false);
  if (allowed.length === 0) return NEVER;
  return joined("all", [joined("any", allowed), negated(joined("any", tests(true)))]);
}

/** Whether an action on one entry, or on a field of it, is granted; and by which rule that is decided. */
export function decide(
  access: Access,
  type: CompiledType,
  action: ContentAction,
  asked: { entry: Subject; locale: string | null; field?: string },
): { isGranted: boolean; rule: EntryRule | null } {
  const subject = { entry: asked.entry, locale: asked.locale };
  const rule = access.abilityOf(type).relevantRuleFor(action, subject, asked.field);
  return { isGranted: rule !== null && !rule.inverted, rule };
}

/**
 * Whether an action is granted on a field in every entry on which it is granted in one of the locales:
 * filters, sorts and counts require that, because they reveal values. `origins` are the locales that
 * values come from; by default each locale itself.
 */
export function isAlwaysGranted(
  access: Access,
  type: CompiledType,
  action: ContentAction,
  field: string,
  locales: readonly string[],
  origins?: readonly string[],
): boolean {
  const ability = access.abilityOf(type);
  const rulesIn = (locale: string, of?: string) => rulesOf(ability, action, of, locale);
  if (!origins) return locales.every((locale) => isReadableWith(rulesIn(locale), [rulesIn(locale, field)]));
  const ofOrigins = distinct(origins.map((origin) => rulesIn(origin, field)));
  return distinct(locales.map((locale) => rulesIn(locale))).every((rows) => isReadableWith(rows, ofOrigins));
}

/** The same of a field with all that grants name inside it. */
export const isWhollyGranted = (
  access: Access,
  type: CompiledType,
  action: ContentAction,
  field: string,
  locales: readonly string[],
  origins?: readonly string[],
): boolean =>
  [field, ...access.namedBelow(type, field)].every((path) =>
    isAlwaysGranted(access, type, action, path, locales, origins),
  );

function distinct(sets: readonly EntryRule[][]): EntryRule[][] {
  return [...new Map(sets.map((rules) => [rules.map(({ priority }) => priority).join(), rules])).values()];
}

const isReadableWith = (rows: readonly EntryRule[], ofField: readonly EntryRule[][]): boolean =>
  isNever(conditionOfRules(rows)) || ofField.every((rules) => goesWith(rows, rules));

/** Whether the rules of a field let it be read wherever those of its entry let that be read. */
function goesWith(rows: readonly EntryRule[], ofField: readonly EntryRule[]): boolean {
  if (ofField.some((rule) => rule.inverted && !rows.includes(rule))) return false;
  const allowed = ofField.filter(({ inverted }) => !inverted);
  return (
    allowed.some(({ conditions }) => isAlways(conditions!.test)) ||
    rows.every((rule) => rule.inverted || allowed.includes(rule))
  );
}

/** FORBIDDEN: no grant of the actor's roles covers this. */
export function notGranted(action: string, of: string): AppError {
  return new AppError("FORBIDDEN", "access/not-granted", `None of your roles grants ${action} on ${of}.`, {
    headers: insufficientScope(),
  });
}

/** FORBIDDEN: a field that the actor may not read in every entry cannot be used to find entries. */
export function fieldNotReadable(type: string, field: string, path: string): AppError {
  return new AppError(
    "FORBIDDEN",
    "access/field-not-readable",
    `${path} uses ${type}.${field.slice(0, 64)}, which your roles do not let you read in every entry.`,
    { details: [{ path, message: `uses ${field.slice(0, 64)}, which you may not read` }] },
  );
}
