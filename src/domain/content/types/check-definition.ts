import { MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { currencyCodes, currencyPlaces } from "../../../core/currencies.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { schemaProblems, type Schema } from "./json-schema/index.ts";
import { checkValue } from "./check-value.ts";
import { kindOf, typesWhere } from "./field-kinds/index.ts";
import { patternOf } from "./field-rules.ts";
import { checkRules, defaultExpression } from "../../../core/rules/index.ts";
import { checkUniqueTogether } from "./unique-together.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { checkBackReferenceIds } from "./back-references.ts";
import { slugFieldOf } from "./compile-type.ts";
import { checkHints } from "./check-hints.ts";
import { checkKinds } from "./check-kinds.ts";
import { MIN_ROOM_OF_MADE_SLUGS } from "./make-slug.ts";
import { ComponentDefinition } from "./component-schemas.ts";
import { sizeOfFields, type Resolve } from "./resolve-components.ts";
import {
  ORDER,
  PATH,
  RELATIVES,
  RESERVED_FIELD_IDS,
  RESERVED_TYPE_IDS,
  RESERVED_WORDS,
  TypeDefinition,
  type Field,
  type FieldType,
  type ResolvedType,
} from "./schemas.ts";

/** Types of fields that slugs can be made of. */
const SLUG_SOURCES: FieldType[] = ["short_text", "integer", "number", "date"];
const MAX_DEPTH = 8;
const MAX_DEFINITION_CHARS = 262_144;
/**
 * Steps of one pattern, and of all patterns of a type: what checking a value, and a definition, may
 * cost.
 */
const MAX_STEPS = 2500;
const MAX_PATTERN_STEPS = 20_000;
type Found = { issues: ErrorDetail[]; steps: number };
/** A definition as it was written, and what it comes to. */
export type CheckedType = { authored: TypeDefinition; definition: ResolvedType; uses: ReadonlySet<string> };

/** Parses a type definition; throws INVALID `types/invalid-definition` with every problem found. */
export const parseType = (input: unknown): TypeDefinition =>
  parseInput(TypeDefinition, input, "types/invalid-definition", "The content type is not valid.");

/** Checks a parsed type definition, its components in their places; problems are added to `issues`. */
export function checkType(
  authored: TypeDefinition,
  resolve: Resolve,
  issues: ErrorDetail[],
  before?: readonly Field[],
): CheckedType {
  if (RESERVED_TYPE_IDS.includes(authored.id))
    issues.push({ path: "id", message: `"${authored.id}" is reserved by the API: choose another` });
  const { fields, uses } = resolve(authored.fields, "fields", issues);
  const { editor: _editor, ...shape } = authored;
  const definition: ResolvedType = { ...shape, fields };
  checkHints(authored, issues);
  if (!isWithinLimits(fields, "fields", issues)) return { authored, definition, uses };
  checkFieldList(fields, "fields", 1, { issues, steps: 0 });
  checkKinds(fields, "fields", before, issues);
  const display = fields.find((field) => field.id === authored.display_field);
  if (authored.display_field !== undefined && (!display || !["short_text", "slug"].includes(display.type))) {
    issues.push({
      path: "display_field",
      message: "must be the id of a short_text or slug field of this type",
    });
  }
  checkSources(fields, issues);
  checkPath(definition, issues);
  const [first, second] = fields.filter((field) => field.primary);
  if (first && second) {
    const path = `fields[${fields.indexOf(second)}].primary`;
    issues.push({ path, message: `is true for "${first.id}" already: entries are read by one slug` });
  }
  checkReview(authored, issues);
  checkOrderAndTree(definition, issues);
  checkBackReferenceIds(authored, issues);
  checkUniqueTogether(definition, issues);
  if (issues.length === 0) checkRules(definition, issues);
  return { authored, definition, uses };
}

/** What slugs are made of must be short and be there once. */
function checkSources(fields: Field[], issues: ErrorDetail[]): void {
  fields.forEach((field, i) => {
    const say = (key: string, message: string) => issues.push({ path: `fields[${i}].${key}`, message });
    field.from?.forEach((id, at) => {
      const source = fields.find((one) => one.id === id);
      const isShort = source && SLUG_SOURCES.includes(source.type) && !source.multiple;
      if (!isShort)
        say(
          `from[${at}]`,
          `must be another field of the type, a single value of ${SLUG_SOURCES.join(", ")}.${
            source
              ? ""
              : didYouMean(
                  id,
                  fields.map((one) => one.id),
                )
          }`,
        );
      else if (field.from!.indexOf(id) !== at) say(`from[${at}]`, `"${id}" is named twice`);
    });
    if (field.from && field.default !== undefined) say("default", "cannot be given with from");
    if (field.from && typeof field.max === "number" && field.max < MIN_ROOM_OF_MADE_SLUGS)
      say("max", `must be at least ${MIN_ROOM_OF_MADE_SLUGS} with from, so that slugs can be told apart`);
  });
}

/** Paths are made of the slugs that entries are read by, and answered as `path`. */
function checkPath({ fields, parent }: ResolvedType, issues: ErrorDetail[]): void {
  const at = fields.findIndex((field) => field.path);
  if (at < 0) return;
  const path = `fields[${at}].path`;
  if (parent === undefined) issues.push({ path, message: "needs the parent of the type" });
  if (slugFieldOf(fields) !== fields[at])
    issues.push({
      path,
      message: "belongs to the slug that entries are read by, which is primary or the first",
    });
  const named = fields.findIndex(({ id }) => id === PATH);
  if (named >= 0)
    issues.push({
      path: `fields[${named}].id`,
      message: `"${PATH}" is the path of an entry: choose another`,
    });
}

/** Parses a component; throws INVALID `components/invalid-definition` with every problem found. */
export const parseComponent = (input: unknown): ComponentDefinition =>
  parseInput(ComponentDefinition, input, "components/invalid-definition", "The component is not valid.");

/**
 * Checks a component as it is inside of a type, with those that it uses in their places; problems are
 * added to `issues`.
 */
export function checkComponent(
  component: ComponentDefinition,
  resolve: Resolve,
  issues: ErrorDetail[],
  before?: readonly Field[],
): void {
  const { fields } = resolve(component.fields, "fields", issues);
  checkHints(component, issues);
  if (issues.length > 0 || !isWithinLimits(fields, "fields", issues)) return;
  checkFieldList(fields, "fields", 2, { issues, steps: 0 }, true);
  checkKinds(fields, "fields", before, issues);
  if (issues.length === 0) checkRules({ fields, rules: component.rules }, issues, true);
}

/** Whether fields, with those of components as often as they are used, are few enough to be looked at. */
function isWithinLimits(fields: Field[], path: string, issues: ErrorDetail[]): boolean {
  const size = sizeOfFields(fields);
  if (size <= MAX_DEFINITION_CHARS) return true;
  issues.push({
    path,
    message: `have ${size} characters of JSON, with components in their places: at most ${MAX_DEFINITION_CHARS} are allowed`,
  });
  return false;
}

/** Fields cannot be called as what queries know of ordered types and of trees. */
function checkOrderAndTree(definition: ResolvedType, issues: ErrorDetail[]): void {
  const { id, fields, back_references: lists = [], ordered, parent } = definition;
  for (const key of ["ordered", "parent"] as const)
    if (definition.singleton && definition[key])
      issues.push({ path: key, message: "is not possible for a singleton: it has one entry" });
  const taken: readonly string[] = [...(ordered ? [ORDER] : []), ...(parent === undefined ? [] : RELATIVES)];
  for (const [what, named] of Object.entries({ fields, back_references: lists }))
    named.forEach((one, i) => {
      if (taken.includes(one.id))
        issues.push({
          path: `${what}[${i}].id`,
          message: `"${one.id}" is what every entry of an ordered type, or of a tree, has: choose another`,
        });
    });
  if (parent === undefined) return;
  const field = fields.find((one) => one.id === parent);
  if (!isParentOf(id, field) || field.required)
    issues.push({
      path: "parent",
      message: `must be the id of a field of the type reference to "${id}" alone: single, not localised, not required`,
    });
}

/** Whether a field can lead to the parent of an entry. */
export const isParentOf = (type: string, field: Field | undefined): field is Field =>
  field?.type === "reference" && !field.multiple && !field.localized && field.to?.join() === type;

function checkReview({ review }: TypeDefinition, issues: ErrorDetail[]): void {
  if (!review) return;
  const ids = review.stages.map(({ id }) => id);
  const check = (names: string[] | undefined, path: string) => {
    for (const name of names ?? [])
      if (!ids.includes(name)) issues.push({ path, message: `"${name}" is not one of the stages` });
  };
  review.stages.forEach(({ id, from }, i) => {
    if (ids.indexOf(id) !== i)
      issues.push({ path: `review.stages[${i}].id`, message: `"${id}" is used twice` });
    check(from, `review.stages[${i}].from`);
  });
  check(review.publish_from, "review.publish_from");
}

function checkFieldList(
  fields: Field[],
  path: string,
  depth: number,
  found: Found,
  isInList = depth === 1,
): void {
  const { issues } = found;
  if (issues.length >= MAX_DETAILS) return;
  // The type's own fields are at depth 1.
  if (depth > MAX_DEPTH + 1) {
    issues.push({ path, message: `components and blocks can be nested at most ${MAX_DEPTH} levels deep` });
    return;
  }
  const seen = new Set<string>();
  fields.forEach((field, i) => {
    const at = `${path}[${i}]`;
    if (seen.has(field.id)) issues.push({ path: `${at}.id`, message: `"${field.id}" is used twice` });
    seen.add(field.id);
    if (field.unique && !isInList) issues.push({ path: `${at}.unique`, message: ONLY_IN_LISTS });
    checkField(field, at, depth, found);
  });
}

const ONLY_IN_LISTS = "is only possible at the top level, in lists of components and in blocks";

function checkField(field: Field, at: string, depth: number, found: Found): void {
  const { issues } = found;
  const say = (key: string, message: string) => issues.push({ path: `${at}.${key}`, message });
  if ((RESERVED_FIELD_IDS as readonly string[]).includes(field.id)) {
    say("id", `"${field.id}" is reserved, since every entry has it: choose another`);
  }
  if (RESERVED_WORDS.includes(field.id)) say("id", `"${field.id}" is reserved by filters: choose another`);
  if (depth > 1 && field.localized) say("localized", "only fields at the top level can be localised");
  if (depth > 1 && field.type === "slug") say("type", "only fields at the top level can be slugs");
  const kind = kindOf(field);
  if (field.unique && (!kind.canBeUnique || field.multiple)) {
    const types = typesWhere((one) => one.canBeUnique).join(", ");
    say("unique", `is only possible for single values of ${types}`);
  }
  if (field.multiple && !kind.canBeMultiple) {
    say("multiple", `is only possible for ${typesWhere((one) => one.canBeMultiple).join(", ")}`);
  }
  checkBounds(field, say);
  checkOptions(field, say);
  if ((field.type === "enum") !== (field.options !== undefined))
    say("options", "belong to fields of type enum, which need them");
  const values = (field.options ?? []).map((one) => (typeof one === "object" ? one.value : one));
  values.forEach((value, i) => {
    if (values.indexOf(value) !== i) say(`options[${i}]`, `"${value}" is used twice`);
  });
  if (new Set(values.map((value) => typeof value)).size > 1)
    say("options", "must all be texts, or all be numbers");
  if (field.to !== undefined && field.type !== "reference") say("to", "belongs to fields of type reference");
  if ((field.type === "component") !== (field.fields !== undefined))
    say("fields", "belong to fields of type component, which need them or a component");
  if ((field.type === "blocks") !== (field.components !== undefined) && field.type !== "rich_text")
    say("components", "belong to fields of type blocks, which need them, and rich_text");
  if (field.type === "rich_text") checkAnnotations(field, say);
  if (field.pattern !== undefined) checkPattern(field, say, found);
  if (field.fields) checkFieldList(field.fields, `${at}.fields`, depth + 1, found, field.multiple);
  field.components?.forEach((component, i) => {
    checkFieldList(
      component.fields,
      `${at}.components[${i}].fields`,
      depth + 1,
      found,
      field.type === "blocks",
    );
    if (component.fields.some((one) => one.id === "type"))
      say(`components[${i}]`, 'cannot have a field called "type"');
  });
  const isValue = field.default !== undefined && defaultExpression(field) === undefined;
  if (isValue && issues.length === 0) {
    checkValue(field, field.default, `${at}.default`, { issues, allowIncomplete: false, isStored: true });
  }
}

type Say = (key: string, message: string) => void;

/** Annotations are components of their field, each named once. */
function checkAnnotations({ components = [], annotations = [] }: Field, say: Say): void {
  const ids = components.map(({ id }) => id);
  annotations.forEach((id, i) => {
    if (annotations.indexOf(id) !== i) say(`annotations[${i}]`, `"${id}" is named twice`);
    else if (!ids.includes(id))
      say(`annotations[${i}]`, `names none of the components of the field.${didYouMean(id, ids)}`);
  });
}

/** Options that belong to a few field types. */
const OPTIONS = [
  "from",
  "path",
  "primary",
  "scale",
  "currencies",
  "open_ends",
  "schema",
  "nodes",
  "marks",
  "headings",
  "links",
  "embeds",
  "annotations",
  "accept",
  "max_bytes",
  "min_width",
  "max_width",
  "min_height",
  "max_height",
] as const;

function checkOptions(field: Field, say: Say): void {
  for (const option of OPTIONS)
    if (field[option] !== undefined && !kindOf(field).options?.includes(option)) {
      const types = typesWhere((kind) => kind.options?.includes(option));
      say(option, `belongs to fields of type ${types.join(", ")}`);
    }
  if (field.schema && field.type === "json")
    for (const { path, message } of schemaProblems(field.schema as Schema, "schema")) say(path, message);
  for (const side of ["width", "height"] as const)
    if ((field[`min_${side}`] ?? 0) > (field[`max_${side}`] ?? Infinity))
      say(`min_${side}`, `is larger than max_${side}`);
  for (const code of field.currencies ?? [])
    if (currencyPlaces(code) === undefined)
      say("currencies", `has "${code}", which is no code of ISO 4217.${didYouMean(code, currencyCodes())}`);
}

function checkBounds(field: Field, say: Say): void {
  const { min, max } = field;
  const bound = field.multiple ? undefined : kindOf(field).bound;
  const isValid = bound?.isValid ?? ((one: number | string) => typeof one === "number");
  const wrong = (["min", "max"] as const).filter((key) => field[key] !== undefined && !isValid(field[key]));
  for (const key of wrong) say(key, `must be ${bound?.expects ?? "a number"}`);
  for (const key of ["min", "max"] as const) {
    const problem = wrong.length === 0 && field[key] !== undefined && bound?.problem?.(field, field[key]);
    if (problem) say(key, problem);
  }
  if (wrong.length > 0 || min === undefined || max === undefined) return;
  if ((bound?.compare(min, max) ?? Number(min) - Number(max)) > 0) say("min", "is larger than max");
}

function checkPattern(field: Field, say: Say, found: Found): void {
  if (!["short_text", "long_text", "markdown", "slug", "email", "url"].includes(field.type)) {
    say("pattern", "belongs to text fields");
    return;
  }
  if (found.steps > MAX_PATTERN_STEPS) return;
  try {
    const { steps } = patternOf(field);
    found.steps += steps;
    if (steps > MAX_STEPS)
      say(
        "pattern",
        `is too large: ${steps} steps with repetitions expanded, at most ${MAX_STEPS} are allowed`,
      );
    else if (found.steps > MAX_PATTERN_STEPS)
      say("pattern", "exceeds the limit: the patterns of the type are too large");
  } catch (error) {
    say("pattern", `is not a valid RE2 expression: ${(error as Error).message.slice(0, 200)}`);
  }
}
