import { Budget, TooManySteps } from "../expressions/index.ts";
import { rulesOfType, type TypeRules } from "./compile-rules.ts";
import type { Rule, RuledField } from "./ruled-fields.ts";
import { computeFields, findProblems, formState, type FindCustom, type Run } from "./run-rules.ts";

type Values = Record<string, unknown>;

/** A field as the API shows it: reusable components by their ids. */
export type FormField = Omit<RuledField, "fields" | "components" | "component_rules"> & {
  fields?: readonly FormField[] | undefined;
  components?:
    | readonly (string | { id: string; fields: readonly FormField[]; rules?: readonly Rule[] | undefined })[]
    | undefined;
};

/** A content type, or a reusable component, as the API shows it. */
export type FormType = { id: string; fields: readonly FormField[]; rules?: readonly Rule[] | undefined };

export type FormOptions = {
  /** The reusable components that the type uses. */
  components?: readonly FormType[] | undefined;
  /** The locale of the values; `en` when absent. */
  locale?: string | undefined;
  actor?: { id: string; kind: string } | undefined;
  now?: Date | undefined;
  /** The id of the entry; empty for a new one. */
  id?: string | undefined;
  /** The values before they were changed; null for a new entry. */
  old?: Values | null | undefined;
  /** Whether values may be missing, as with `allow_incomplete`. */
  isIncomplete?: boolean | undefined;
};

export type FormCheck = {
  /** Why the API would refuse the values, by their paths such as `lines[0].price`. */
  problems: { path: string; message: string }[];
  /** What it would accept with a warning. */
  warnings: { path: string; message: string }[];
  /** The paths of fields that are not shown. */
  hidden: string[];
  /** The paths of fields that need a value under a condition, which is met. */
  required: string[];
  /** The computed fields of the entry, by their ids. */
  computed: Values;
};

/** Steps as the API takes them for one entry. */
const MAX_STEPS = 200_000;

/**
 * Evaluates the rules of a content type on values in one locale, as the API does when they are sent.
 *
 * @example
 * const { problems, hidden } = checkForm(type, { title: "Hello", ends: null }, { locale: "en" });
 */
export function checkForm(type: FormType, values: Values, options: FormOptions = {}): FormCheck {
  const rules = rulesOfType(placed(type, options.components ?? []));
  const check: FormCheck = { problems: [], warnings: [], hidden: [], required: [], computed: {} };
  if (!rules) return check;
  const run: Run = {
    locale: options.locale ?? "en",
    actor: options.actor ?? { id: "", kind: "person" },
    now: options.now ?? new Date(),
    id: options.id ?? "",
    old: options.old ?? null,
    budget: new Budget(MAX_STEPS),
    entry: structuredClone(values),
    customIn,
  };
  try {
    evaluateForm(rules, run, options.isIncomplete ?? false, check);
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
    const message = "the expressions of the type take too many steps for these values";
    check.problems.push({ path: "", message });
  }
  return check;
}

function evaluateForm(rules: TypeRules, run: Run, isIncomplete: boolean, check: FormCheck): void {
  check.computed = computeFields(rules, run, (_field, value) => value).values;
  run.entry = { ...run.entry, ...check.computed };
  for (const { path, message, isWarning } of findProblems(rules, run, { isIncomplete, onlyLocalized: false }))
    check[isWarning ? "warnings" : "problems"].push({ path, message });
  Object.assign(check, formState(rules, run));
}

const types = new WeakMap<
  FormType,
  Map<readonly FormType[], { fields: RuledField[]; rules?: readonly Rule[] }>
>();

/** A type with reusable components in their places; the same for the same definitions. */
function placed(type: FormType, components: readonly FormType[]) {
  let known = types.get(type);
  if (!known) types.set(type, (known = new Map()));
  let found = known.get(components);
  if (!found) {
    known.clear();
    const byId = new Map(components.map((one) => [one.id, one]));
    found = {
      fields: type.fields.map((field) => placedField(field, byId)),
      ...(type.rules ? { rules: type.rules } : {}),
    };
    known.set(components, found);
  }
  return found;
}

function placedField(field: FormField, byId: ReadonlyMap<string, FormType>): RuledField {
  const { fields, components, ...own } = field;
  const reusable = own.component === undefined ? undefined : byId.get(own.component);
  const inner = fields ?? reusable?.fields;
  const isConditional = own.required === true && own.visible_if !== undefined;
  return {
    ...own,
    ...(isConditional ? { required: false, required_if: "true" } : {}),
    ...(inner ? { fields: inner.map((one) => placedField(one, byId)) } : {}),
    ...(reusable?.rules ? { component_rules: reusable.rules } : {}),
    ...(components
      ? {
          components: components.flatMap((part) => {
            const one = typeof part === "string" ? byId.get(part) : part;
            if (!one) return [];
            return [{ ...one, fields: one.fields.map((inside) => placedField(inside, byId)) }];
          }),
        }
      : {}),
  };
}

type Part = { type?: unknown; attrs?: Values };
type Node = Part & { content?: Node[]; marks?: Part[] };

const customIn: FindCustom = (field, value) => {
  const marks = new Set(field.annotations ?? []);
  const nodes = new Set((field.components ?? []).map(({ id }) => id).filter((id) => !marks.has(id)));
  const found: ReturnType<FindCustom> = [];
  const see = (part: Part, names: ReadonlySet<string>, path: string): void => {
    if (typeof part.type === "string" && names.has(part.type))
      found.push({ id: part.type, attrs: (part.attrs ??= {}), path: `${path}.attrs` });
  };
  const visit = (node: Node, path: string): void => {
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    see(node, nodes, path);
    node.marks?.forEach((mark, i) => see(mark, marks, at(`marks[${i}]`)));
    node.content?.forEach((one, i) => visit(one, at(`content[${i}]`)));
  };
  if (typeof value === "object" && value !== null) visit(value as Node, "");
  return found;
};
