import { namesIn, parseExpression, type Expression } from "../expressions/index.ts";
import {
  defaultExpression,
  KNOWN_NAMES,
  type Rule,
  type RuledField,
  type RuledType,
} from "./ruled-fields.ts";

/** An expression, and what it depends on. */
export type Compiled = {
  run: Expression;
  names: ReadonlySet<string>;
  /** Whether it may differ by locale: it uses `locale`, the whole entry, or a localised field. */
  isLocalized: boolean;
};
export type CompiledRule = { rule: Rule; condition: Compiled };
/** A field of which an expression says something. */
export type FieldRules = {
  field: RuledField;
  requiredIf?: Compiled;
  visibleIf?: Compiled;
  computed?: Compiled;
  filled?: Compiled;
  rules: CompiledRule[];
};
/** The expressions of an entry, a component or a block; `inner` those inside, by their field. */
export type Owner = {
  fields: ReadonlyMap<string, RuledField>;
  rules: CompiledRule[];
  parts: FieldRules[];
  /** In an order in which each is behind those that it uses. */
  computed: (FieldRules & { computed: Compiled })[];
  inner: Inner[];
};
export type Inner = {
  field: RuledField;
  /** By the id of a block or of a component in rich text; of a field of one component under "". */
  owners: ReadonlyMap<string, Owner>;
};
export type TypeRules = Owner & {
  /** Whether an expression compares with the values before. */
  usesOld: boolean;
  hasChecks: boolean;
  hasComputed: boolean;
  hasFilled: boolean;
};

const known = new WeakMap<readonly RuledField[], TypeRules | null>();

/** The expressions of a type, compiled once for each definition; undefined when it has none. */
export function rulesOfType(type: RuledType): TypeRules | undefined {
  let found = known.get(type.fields);
  if (found === undefined) known.set(type.fields, (found = compileType(type) ?? null));
  return found ?? undefined;
}

function compileType({ fields, rules = [] }: RuledType): TypeRules | undefined {
  const localized = new Set(fields.filter((field) => field.localized).map(({ id }) => id));
  const all: { use: keyof FieldRules | "rule"; compiled: Compiled }[] = [];
  const owner = ownerOf(
    fields,
    rules,
    { isLocalized: false, own: localized, top: localized },
    (use, compiled) => all.push({ use, compiled }),
  );
  if (!owner) return undefined;
  const has = (...uses: string[]) => all.some(({ use }) => uses.includes(use));
  return {
    ...owner,
    usesOld: all.some(({ compiled }) => compiled.names.has("old")),
    hasChecks: has("rule", "requiredIf"),
    hasComputed: has("computed"),
    hasFilled: has("filled"),
  };
}

type Note = (use: keyof FieldRules | "rule", compiled: Compiled) => void;

type Locales = {
  /** Whether the values that it is inside of differ by locale. */
  isLocalized: boolean;
  /** The localised ones of its own fields, and of those of the entry. */
  own: ReadonlySet<string>;
  top: ReadonlySet<string>;
};

/** What of fields is written in expressions; undefined when there is nothing, also inside. */
function ownerOf(
  fields: readonly RuledField[],
  rules: readonly Rule[],
  { isLocalized, own: localized, top }: Locales,
  note: Note,
): Owner | undefined {
  const isInner = localized === NONE;
  const compile = (text: string, use: keyof FieldRules | "rule", own?: RuledField): Compiled => {
    const run = parseExpression(text);
    const names = namesIn(run);
    const differs = (name: string) => name === "locale" || name === "old" || localized.has(name);
    const behind = [...namesBehindEntry(run)].some((name) => top.has(name) || (name === "*" && top.size > 0));
    const compiled = {
      run,
      names,
      isLocalized: isLocalized || own?.localized === true || behind || [...names].some(differs),
    };
    note(use, compiled);
    return compiled;
  };
  const compileRules = (list: readonly Rule[] = [], own?: RuledField): CompiledRule[] =>
    list.map((rule) => ({ rule, condition: compile(rule.expression, "rule", own) }));
  const parts = fields.flatMap((field): FieldRules[] => {
    const filled = defaultExpression(field);
    const part: FieldRules = {
      field,
      ...(field.required_if === undefined
        ? {}
        : { requiredIf: compile(field.required_if, "requiredIf", field) }),
      ...(field.visible_if === undefined ? {} : { visibleIf: compile(field.visible_if, "visibleIf", field) }),
      ...(field.computed === undefined ? {} : { computed: compile(field.computed, "computed", field) }),
      ...(filled === undefined ? {} : { filled: compile(filled, "filled", field) }),
      rules: compileRules(field.rules, field),
    };
    return Object.keys(part).length > 2 || part.rules.length > 0 ? [part] : [];
  });
  const inner = fields.flatMap((field): Inner[] => {
    const of = isLocalized || (!isInner && field.localized === true);
    const owners = new Map<string, Owner>();
    const add = (id: string, inside: readonly RuledField[], own: readonly Rule[]) => {
      const owner = ownerOf(inside, own, { isLocalized: of, own: NONE, top }, note);
      if (owner) owners.set(id, owner);
    };
    if (field.fields) add("", field.fields, field.component_rules ?? []);
    for (const one of field.components ?? []) add(one.id, one.fields, one.rules ?? []);
    return owners.size > 0 ? [{ field, owners }] : [];
  });
  const own = compileRules(rules);
  if (parts.length + inner.length + own.length === 0) return undefined;
  return {
    fields: new Map(fields.map((field) => [field.id, field])),
    rules: own,
    parts,
    computed: inOrder(parts),
    inner,
  };
}

const NONE: ReadonlySet<string> = new Set();

/** Computed fields, each behind those that it uses; a circle is in any order. */
function inOrder(parts: FieldRules[]): Owner["computed"] {
  const computed = new Map(
    parts.flatMap((part) => (part.computed ? [[part.field.id, { ...part, computed: part.computed }]] : [])),
  );
  const sorted = new Map<string, Owner["computed"][number]>();
  const visit = (id: string, trail: readonly string[]) => {
    const part = computed.get(id);
    if (!part || sorted.has(id) || trail.includes(id)) return;
    for (const name of usedBy(part.computed)) visit(name, [...trail, id]);
    sorted.set(id, part);
  };
  for (const id of computed.keys()) visit(id, []);
  return [...sorted.values()];
}

/** The names of sibling fields that an expression uses, also as `entry.name`. */
export function usedBy({ run, names }: Compiled): Set<string> {
  const used = new Set([...names].filter((name) => !(KNOWN_NAMES as readonly string[]).includes(name)));
  for (const name of namesBehindEntry(run)) used.add(name);
  return used;
}

/** The fields in `entry.title` and `entry["title"]`; `*` where the entry is used in another way. */
export function namesBehindEntry(node: Expression, found = new Set<string>()): Set<string> {
  if (node.op === "id" && node.args === "entry") return found.add("*");
  if ((node.op === "." || node.op === "[]") && node.args[0].op === "id" && node.args[0].args === "entry") {
    const name = node.op === "." ? node.args[1] : node.args[1].op === "value" ? node.args[1].args : "*";
    return found.add(String(name));
  }
  if (node.op === "value") return found;
  for (const one of [node.args].flat(3) as unknown[])
    if (typeof one === "object" && one !== null && "op" in one) namesBehindEntry(one as Expression, found);
  return found;
}
