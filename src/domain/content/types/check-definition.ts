import { invalid, MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { checkValue } from "./check-value.ts";
import { kindOf, typesWhere } from "./field-kinds/index.ts";
import { patternOf } from "./field-rules.ts";
import { parseInput } from "../../../core/parse-input.ts";
import {
  RESERVED_FIELD_IDS,
  RESERVED_TYPE_IDS,
  RESERVED_WORDS,
  TypeDefinition,
  type Field,
} from "./schemas.ts";

const MAX_DEPTH = 8;
const MAX_DEFINITION_CHARS = 262_144;
/**
 * Steps of one pattern, and of all patterns of a type: what checking a value, and a definition, may
 * cost.
 */
const MAX_STEPS = 2500;
const MAX_PATTERN_STEPS = 20_000;
type Found = { issues: ErrorDetail[]; steps: number };
/**
 * Parses and checks a type definition; throws INVALID `types/invalid-definition` with every problem
 * found.
 */
export function checkDefinition(input: unknown): TypeDefinition {
  const definition = parseInput(
    TypeDefinition,
    input,
    "types/invalid-definition",
    "The content type is not valid.",
  );
  const issues: ErrorDetail[] = [];
  if (RESERVED_TYPE_IDS.includes(definition.id))
    issues.push({ path: "id", message: `"${definition.id}" is reserved by the API: choose another` });
  const size = JSON.stringify(definition).length;
  if (size > MAX_DEFINITION_CHARS)
    throw invalid("types/invalid-definition", "The content type is too large.", [
      {
        path: "fields",
        message: `have ${size} characters of JSON: at most ${MAX_DEFINITION_CHARS} are allowed`,
      },
    ]);
  checkFieldList(definition.fields, "fields", 1, { issues, steps: 0 });
  const display = definition.fields.find((field) => field.id === definition.display_field);
  if (
    definition.display_field !== undefined &&
    (!display || !["short_text", "slug"].includes(display.type))
  ) {
    issues.push({
      path: "display_field",
      message: "must be the id of a short_text or slug field of this type",
    });
  }
  if (definition.fields.filter((field) => field.type === "slug").length > 1) {
    issues.push({ path: "fields", message: "can have only one slug field: entries are looked up by it" });
  }
  checkReview(definition, issues);
  if (issues.length > 0) throw invalid("types/invalid-definition", "The content type is not valid.", issues);
  return definition;
}

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

function checkFieldList(fields: Field[], path: string, depth: number, found: Found): void {
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
    checkField(field, at, depth, found);
  });
}

function checkField(field: Field, at: string, depth: number, found: Found): void {
  const { issues } = found;
  const say = (key: string, message: string) => issues.push({ path: `${at}.${key}`, message });
  if ((RESERVED_FIELD_IDS as readonly string[]).includes(field.id)) {
    say("id", `"${field.id}" is reserved, since every entry has it: choose another`);
  }
  if (RESERVED_WORDS.includes(field.id)) say("id", `"${field.id}" is reserved by filters: choose another`);
  if (depth > 1 && field.localized) say("localized", "only fields at the top level can be localised");
  if (depth > 1 && (field.unique || field.type === "slug"))
    say("unique", "only fields at the top level can be unique");
  const kind = kindOf(field);
  if (field.unique && (!kind.canBeUnique || field.multiple)) {
    const types = typesWhere((one) => one.canBeUnique).join(", ");
    say("unique", `is only possible for single values of ${types}`);
  }
  if (field.multiple && !kind.canBeMultiple) {
    say("multiple", `is only possible for ${typesWhere((one) => one.canBeMultiple).join(", ")}`);
  }
  if (field.min !== undefined && field.max !== undefined && field.min > field.max)
    say("min", "is larger than max");
  if ((field.type === "enum") !== (field.options !== undefined))
    say("options", "belong to fields of type enum, which need them");
  if (field.to !== undefined && field.type !== "reference") say("to", "belongs to fields of type reference");
  if ((field.type === "component") !== (field.fields !== undefined))
    say("fields", "belong to fields of type component, which need them");
  if ((field.type === "blocks") !== (field.components !== undefined)) {
    say("components", "belong to fields of type blocks, which need them");
  }
  if (field.pattern !== undefined) checkPattern(field, say, found);
  if (field.fields) checkFieldList(field.fields, `${at}.fields`, depth + 1, found);
  field.components?.forEach((component, i) => {
    checkFieldList(component.fields, `${at}.components[${i}].fields`, depth + 1, found);
    if (component.fields.some((one) => one.id === "type"))
      say(`components[${i}]`, 'cannot have a field called "type"');
  });
  if (field.default !== undefined && issues.length === 0) {
    checkValue(field, field.default, `${at}.default`, { issues, allowIncomplete: false });
  }
}

function checkPattern(field: Field, say: (key: string, message: string) => void, found: Found): void {
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
