import { cutText } from "../cut-text.ts";
import { loosen, readRules, findTwice, type Rules, type Sample } from "./field-rules.ts";
import { isSlug } from "../import/slug.ts";
import type { CtfControl, CtfField } from "./export-file.ts";

/** A field of FlowCMS, and that of Contentful from which it comes. */
export type FieldPlan = {
  source: CtfField;
  id: string;
  type: string;
  multiple: boolean;
  definition: Record<string, unknown>;
};
export type FieldContext = {
  id: string;
  control: CtfControl | undefined;
  samples: Sample[];
  /** Ids here of the content types there. */
  typeIds: Map<string, string>;
  sourceDefault: string;
  /** A published entry without a value, when there is one. */
  lacking: string | undefined;
  say: (reason: string) => void;
};

/** What a field of Contentful becomes. */
export function mapField(field: CtfField, context: FieldContext): FieldPlan {
  const { say, samples } = context;
  const isList = field.type === "Array";
  const base = typeOf(field, context);
  const own = readRules(field.validations ?? [], field.type, say);
  const inner = isList ? readRules(field.items?.validations ?? [], field.items?.type ?? "", say) : {};
  const type = base === "short_text" && (isList ? inner : own).options ? "enum" : base;
  const rules = loosen(joinRules(own, inner, isList, type, say), isList, samples, say);
  if (field.disabled) say("is read-only for editors in Contentful: editors can change it in FlowCMS");
  if (field.omitted) say("is omitted from delivery in Contentful: FlowCMS delivers it");
  const isRequired = field.required === true && context.lacking === undefined;
  if (field.required && !isRequired)
    say(`is not imported as required: the published entry ${context.lacking} has no value`);
  const help = context.control?.settings?.["helpText"];
  const definition: Record<string, unknown> = {
    id: context.id,
    type,
    ...(field.name ? { name: cutText(field.name, 200) } : {}),
    ...(typeof help === "string" && help !== "" ? { help: cutText(help, 2000) } : {}),
    ...(isRequired ? { required: true } : {}),
    ...(field.localized ? { localized: true } : {}),
    ...(isList && type !== "json" ? { multiple: true } : {}),
    ...rulesFor(type, rules, context),
  };
  const fallback = defaultOf(field, type, rules, context);
  if (fallback !== undefined) definition["default"] = fallback;
  return { source: field, id: context.id, type, multiple: isList && type !== "json", definition };
}

function typeOf(field: CtfField, context: FieldContext): string {
  const { say, samples, control } = context;
  const { type, linkType } = field.type === "Array" ? (field.items ?? { type: "Symbol" }) : field;
  switch (type) {
    case "Symbol":
      return symbolType(field, context);
    case "Text":
      return control?.widgetId === "markdown" ? "markdown" : "long_text";
    case "RichText":
      return "rich_text";
    case "Integer":
      return "integer";
    case "Number":
      return "number";
    case "Boolean":
      return "boolean";
    case "Date": {
      const isDay = samples.every(({ value }) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)));
      const format = control?.settings?.["format"];
      return isDay && (samples.length > 0 ? format !== "time" && format !== "timeZ" : format === "dateonly")
        ? "date"
        : "datetime";
    }
    case "Location":
      return "location";
    case "Object":
      return "json";
    case "Link":
      return linkType === "Asset" ? "media" : "reference";
    default:
      say(
        `is of the type ${type}${linkType ? ` (${linkType})` : ""}, which has no counterpart: imported as JSON`,
      );
      return "json";
  }
}

function symbolType(field: CtfField, { control, samples, say }: FieldContext): string {
  const isLong = samples.some(({ value }) => typeof value === "string" && value.length > 1000);
  if (field.type === "Array") return "short_text";
  if (isLong) return "long_text";
  if (control?.widgetId !== "slugEditor") return "short_text";
  if (!samples.every(({ value }) => isSlug(String(value).normalize("NFC"))))
    say(
      "has values that are not valid slugs (lower-case letters of any script, digits and - _ . ~ /): imported as text",
    );
  else if (findTwice(samples)) say("has duplicate slugs: imported as text");
  else return "slug";
  return "short_text";
}

/** A list has its own size and its elements' rules, where FlowCMS has one `min` and `max` for both. */
function joinRules(
  own: Rules,
  inner: Rules,
  isList: boolean,
  type: string,
  say: (reason: string) => void,
): Rules {
  if (!isList) return own;
  const joined: Rules = { ...own };
  if (inner.options) joined.options = inner.options;
  if (inner.to) joined.to = inner.to;
  if (inner.min !== undefined || inner.max !== undefined || inner.pattern !== undefined)
    say("the rules on its elements (size, pattern) are left out");
  if (type === "short_text" && (own.min !== undefined || own.max !== undefined)) {
    say("the rule on the number of its elements is left out");
    delete joined.min;
    delete joined.max;
  }
  return joined;
}

const BOUNDED = [
  "short_text",
  "long_text",
  "markdown",
  "slug",
  "integer",
  "number",
  "enum",
  "reference",
  "media",
];
const PATTERNED = ["short_text", "long_text", "markdown", "slug"];
const UNIQUE = ["short_text", "slug", "enum", "integer", "number", "date", "datetime"];

function rulesFor(type: string, rules: Rules, { typeIds, say }: FieldContext): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (BOUNDED.includes(type)) {
    if (rules.min !== undefined) out["min"] = rules.min;
    if (rules.max !== undefined) out["max"] = rules.max;
  }
  if (rules.pattern !== undefined && PATTERNED.includes(type)) out["pattern"] = rules.pattern;
  if (rules.unique && UNIQUE.includes(type)) out["unique"] = true;
  else if (rules.unique) say(`is not imported as unique: a ${type} cannot be`);
  if (type === "enum") out["options"] = rules.options;
  if (type === "reference" && rules.to) {
    const to = rules.to.flatMap((id) => typeIds.get(id) ?? []);
    if (to.length < rules.to.length)
      say(
        `may refer to ${rules.to.filter((id) => !typeIds.has(id)).join(", ")}, which the export does not have`,
      );
    if (to.length > 0 && to.length <= 50) out["to"] = [...new Set(to)];
  }
  return out;
}

function defaultOf(field: CtfField, type: string, rules: Rules, context: FieldContext): unknown {
  const given = Object.entries(field.defaultValue ?? {});
  const value = field.defaultValue?.[context.sourceDefault];
  const others = given.filter(([code, one]) => code !== context.sourceDefault && one !== value);
  if (others.length > 0) context.say(`its default in ${others.map(([code]) => code).join(", ")} is left out`);
  if (value === undefined || value === null) return undefined;
  const fits = {
    short_text: typeof value === "string" || Array.isArray(value),
    long_text: typeof value === "string",
    markdown: typeof value === "string",
    boolean: typeof value === "boolean",
    integer: Number.isSafeInteger(value),
    number: typeof value === "number",
    enum: (Array.isArray(value) ? value : [value]).every((one) => rules.options?.includes(one as string)),
  }[type];
  if (fits && loosen(rules, false, [{ value, locale: "", entry: "" }], () => {}).pattern === rules.pattern)
    return value;
  context.say("its default value is left out");
  return undefined;
}
