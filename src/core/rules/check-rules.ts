import type { ErrorDetail } from "../errors.ts";
import {
  ExpressionError,
  kindInWords,
  mapOf,
  namesIn,
  parseExpression,
  typeOfExpression,
  type Expression,
  type Scope,
  type ValueType,
} from "../expressions/index.ts";
import { addDetail } from "../nearest.ts";
import { namesBehindEntry, usedBy } from "./compile-rules.ts";
import { computableAs, typeOfField, typeOfFields } from "./field-values.ts";
import { defaultExpression, type Rule, type RuledField, type RuledType } from "./ruled-fields.ts";

/** How many expressions a type, or a component, has, with those of components in their places. */
export const MAX_EXPRESSIONS = 200;

type Use = "condition" | "computed" | "default";
type Found = { issues: ErrorDetail[]; count: number };
/** Names that a use has not: what is computed is computed again later, by anybody. */
const NOT_IN: Record<Use, readonly string[]> = {
  condition: [],
  computed: ["now", "actor", "old"],
  default: ["old"],
};

/** Checks the expressions of a type or, with an entry of any type around it, of a component. */
export function checkRules(type: RuledType, issues: ErrorDetail[], isComponent = false): void {
  const before = issues.length;
  const found: Found = { issues, count: 0 };
  const entry = isComponent ? mapOfAny() : typeOfFields(type.fields);
  checkOwner(type.fields, type.rules, "", entry, found, type.fields);
  if (issues.length === before) circlesOf(type.fields, "", issues);
}

const mapOfAny = (): ValueType => ({ kind: "map" });

function scopeOf(fields: readonly RuledField[], entry: ValueType): Scope {
  return new Map<string, ValueType>([
    ...fields.map((field) => [field.id, typeOfField(field)] as const),
    ["locale", { kind: "string" }],
    [
      "actor",
      mapOf([
        ["id", { kind: "string" }],
        ["kind", { kind: "string" }],
      ]),
    ],
    ["now", { kind: "timestamp" }],
    ["id", { kind: "string" }],
    ["entry", entry],
    ["old", entry],
  ]);
}

function checkOwner(
  fields: readonly RuledField[],
  rules: readonly Rule[] | undefined,
  path: string,
  entry: ValueType,
  found: Found,
  top: readonly RuledField[],
): void {
  const scope = scopeOf(fields, entry);
  const isTop = fields === top;
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const check = (text: string, where: string, use: Use): { type: ValueType; run: Expression } | undefined =>
    checkOne(text, where, use, scope, found);
  const checkCondition = (text: string | undefined, where: string) => {
    const checked = text === undefined ? undefined : check(text, where, "condition");
    if (checked && !["bool", "any", "null"].includes(checked.type.kind))
      addDetail(found.issues, where, `must come to true or false, not ${kindInWords(checked.type.kind)}`);
  };
  const checkList = (list: readonly Rule[] | undefined, where: string) =>
    list?.forEach((rule, i) => checkCondition(rule.expression, `${where}[${i}].expression`));
  checkList(rules, at("rules"));
  fields.forEach((field, i) => {
    const own = at(`fields[${i}]`);
    checkCondition(field.required_if, `${own}.required_if`);
    checkCondition(field.visible_if, `${own}.visible_if`);
    checkList(field.rules, `${own}.rules`);
    const filled = defaultExpression(field);
    if (filled !== undefined)
      checkValueOf(field, check(filled, `${own}.default`, "default"), `${own}.default`, found);
    if (field.computed !== undefined) {
      checkComputed(field, own, found);
      const checked = check(field.computed, `${own}.computed`, "computed");
      if (computableAs(field)) checkValueOf(field, checked, `${own}.computed`, found);
      if (checked && !isTop) checkInner(checked.run, `${own}.computed`, top, found);
    }
    const inside = field.component === undefined ? entry : mapOfAny();
    if (field.fields) {
      const where = field.component === undefined ? own : `${own}.component`;
      checkOwner(field.fields, field.component_rules, where, inside, found, top);
    }
    field.components?.forEach((one, j) => {
      const of = one.component === undefined ? entry : mapOfAny();
      checkOwner(one.fields, one.rules, `${own}.components[${j}]`, of, found, top);
    });
  });
}

function checkOne(text: string, where: string, use: Use, scope: Scope, found: Found) {
  found.count++;
  if (found.count === MAX_EXPRESSIONS + 1)
    addDetail(found.issues, where, `is one of more than ${MAX_EXPRESSIONS} expressions`);
  if (found.count > MAX_EXPRESSIONS) return undefined;
  try {
    const run = parseExpression(text);
    const type = typeOfExpression(run, scope);
    const refused = [...namesIn(run)].find((name) => NOT_IN[use].includes(name));
    if (refused)
      throw new ExpressionError(
        `cannot use ${refused} in what is ${use === "computed" ? "computed, which is done again later" : "a default"}`,
      );
    if (use !== "default" && usesUuid(run)) throw new ExpressionError("can use uuid() in defaults only");
    return { type, run };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    addDetail(found.issues, where, error.message, error.named);
    return undefined;
  }
}

function usesUuid(node: Expression): boolean {
  if (node.op === "call" && node.args[0] === "uuid") return true;
  if (node.op === "value") return false;
  return ([node.args].flat(3) as unknown[]).some(
    (one) => typeof one === "object" && one !== null && "op" in one && usesUuid(one as Expression),
  );
}

function checkValueOf(
  field: RuledField,
  checked: { type: ValueType } | undefined,
  where: string,
  { issues }: Found,
): void {
  if (!checked) return;
  let { type } = checked;
  if (field.multiple && type.kind === "list") type = type.of;
  else if (field.multiple && type.kind !== "any")
    return addDetail(issues, where, `must come to a list, not ${kindInWords(type.kind)}`);
  const kinds = ["slug", "reference", "media"].includes(field.type) ? ["string"] : computableAs(field);
  if (!kinds) return addDetail(issues, where, `is not possible for fields of type ${field.type}`);
  if (type.kind === "any" || type.kind === "null" || (kinds as string[]).includes(type.kind)) return;
  const expected = kinds.map((kind) => kindInWords(kind as ValueType["kind"])).join(" or ");
  addDetail(issues, where, `must come to ${expected}, not ${kindInWords(type.kind)}`);
}

/** What a computed field cannot have besides. */
function checkComputed(field: RuledField, own: string, { issues }: Found): void {
  if (!computableAs(field))
    addDetail(issues, `${own}.computed`, `is not possible for fields of type ${field.type}`);
  for (const option of ["required", "required_if", "default"] as const)
    if (field[option]) addDetail(issues, `${own}.${option}`, "cannot be given for a computed field");
}

/** Inside of components, only what is there before anything is computed can be used of the entry. */
function checkInner(run: Expression, where: string, top: readonly RuledField[], { issues }: Found): void {
  for (const name of namesBehindEntry(run)) {
    const field = top.find(({ id }) => id === name);
    if (name === "*")
      addDetail(issues, where, "can use single fields of the entry only, such as entry.title");
    else if (field && hasComputed(field))
      addDetail(issues, where, `cannot use entry.${name}, which is computed itself`);
  }
}

const hasComputed = (field: RuledField): boolean =>
  field.computed !== undefined ||
  (field.fields ?? []).some(hasComputed) ||
  (field.components ?? []).some(({ fields }) => fields.some(hasComputed));

/** Computed fields that depend on each other, and defaults that depend on computed fields. */
function circlesOf(fields: readonly RuledField[], path: string, issues: ErrorDetail[]): void {
  const at = (i: number) => `${path === "" ? "" : `${path}.`}fields[${i}]`;
  const uses = new Map<string, Set<string>>();
  for (const { id, computed } of fields)
    if (computed !== undefined) uses.set(id, usedIn(computed, path === ""));
  fields.forEach((field, i) => {
    const circle = uses.has(field.id) ? circleFrom(field.id, uses) : undefined;
    if (circle) addDetail(issues, `${at(i)}.computed`, `depends on itself: ${circle.join(" → ")}`);
    const filled = defaultExpression(field);
    for (const name of filled === undefined ? [] : usedIn(filled, path === ""))
      if (uses.has(name)) addDetail(issues, `${at(i)}.default`, `cannot use ${name}, which is computed`);
    if (field.fields) circlesOf(field.fields, at(i), issues);
    field.components?.forEach((one, j) => circlesOf(one.fields, `${at(i)}.components[${j}]`, issues));
  });
}

function usedIn(text: string, isTop: boolean): Set<string> {
  const run = parseExpression(text);
  const used = usedBy({ run, names: namesIn(run), isLocalized: false });
  return isTop ? used : new Set([...used].filter((name) => namesIn(run).has(name)));
}

function circleFrom(id: string, uses: ReadonlyMap<string, Set<string>>): string[] | undefined {
  const seen = new Set<string>();
  const find = (at: string, trail: string[]): string[] | undefined => {
    for (const next of uses.has(at) ? (uses.get(at)!.has("*") ? uses.keys() : uses.get(at)!) : []) {
      if (next === id) return [...trail, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = find(next, [...trail, next]);
      if (found) return found;
    }
    return undefined;
  };
  return find(id, [id]);
}
