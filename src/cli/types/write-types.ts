import type { ComponentDefinition, Environment, FieldDefinition, TypeDefinition } from "../../sdk/index.ts";

const VALUE_TYPES = {
  short_text: "string",
  slug: "string",
  email: "string",
  url: "string",
  color: "string",
  long_text: "LongText",
  markdown: "LongText",
  rich_text: "RichText",
  integer: "number",
  number: "number",
  decimal: "Decimal",
  boolean: "boolean",
  date: "Day",
  datetime: "Moment",
  time: "Clock",
  date_range: "DateRange",
  datetime_range: "DatetimeRange",
  number_range: "NumberRange",
  json: "Json",
  location: "Location",
  media: "Media",
} as const;
const IMPORTED = [
  "Clock",
  "DateRange",
  "DatetimeRange",
  "Day",
  "Decimal",
  "Json",
  "Location",
  "LongText",
  "Media",
  "Moment",
  "Money",
  "NumberRange",
  "Reference",
  "RichText",
];
const OWN_NAMES = ["Locale", "Schema"];

/**
 * What the generated types depend on: the locales (the first is the default unless one is marked) and
 * the content types.
 */
export type WrittenEnvironment = Pick<Environment, "locales"> & { default_locale?: string | undefined };

/**
 * Content types as TypeScript: one type for each, and the `Schema` for `new Client<Schema>(…)`. The
 * same definitions give the same text, whatever their order.
 */
export function writeTypes(
  definitions: readonly TypeDefinition[],
  { locales, default_locale: defaultLocale = locales[0]?.code }: WrittenEnvironment,
  components: readonly ComponentDefinition[] = [],
): string {
  const sorted = definitions.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const names = namesOf(sorted.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : ageOf(a) > ageOf(b) ? 1 : 0)));
  const shared = components.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const called = componentNames(shared, [...names.values()]);
  const hasEveryLocale = locales.every(({ code }) => fallsBackTo(code, defaultLocale, locales));
  const types = [
    ...shared.map((one) => writeComponent(one, called)),
    ...sorted.map((type) => writeType(type, names.get(type.id)!, hasEveryLocale, called)),
  ];
  const body = types.join("\n");
  const used = IMPORTED.filter((name) => types.some((text) => usesName(text, name)));
  return [
    "// Written by `flow types`; manual changes are overwritten.",
    ...(used.length > 0 ? [`import type { ${used.join(", ")} } from "flowcms/client";`] : []),
    "",
    "/** The locales of the environment. */",
    `export type Locale = ${unionOf(locales.map(({ code }) => code))};`,
    "",
    ...(body === "" ? [] : [body]),
    "/** The content types: for `new Client<Schema>(…)`. */",
    "export type Schema = {",
    "  locale: Locale;",
    "  types: {",
    ...sorted.map(({ id }) => `    ${id}: ${names.get(id)!};`),
    "  };",
    ...writeLists(sorted),
    "};",
    "",
  ].join("\n");
}

/** By type and name the types that back references lead to; nothing where there are none. */
function writeLists(types: readonly TypeDefinition[]): string[] {
  const lines = types.flatMap(({ id, parent, back_references = [] }) => {
    const lists = [...back_references, ...(parent === undefined ? [] : [{ id: "children", type: id }])];
    return lists.length === 0
      ? []
      : [`    ${id}: { ${lists.map((one) => `${one.id}: ${JSON.stringify(one.type)}`).join("; ")} };`];
  });
  return lines.length === 0 ? [] : ["  back_references: {", ...lines, "  };"];
}

type Called = ReadonlyMap<string, string>;

function writeComponent({ id, name, description, fields }: ComponentDefinition, called: Called): string {
  const said = [name, description].filter(Boolean).join(". ");
  const lines = innerLines(fields, "  ", called);
  return [...docLines({ name: said }, ""), `export interface ${called.get(id)!} {`, ...lines, "}", ""].join(
    "\n",
  );
}

function writeType(type: TypeDefinition, name: string, hasEveryLocale: boolean, called: Called): string {
  const lines = type.fields.flatMap((field) => {
    const isThere = isAlways(field) && (!field.localized || hasEveryLocale);
    return [
      ...docLines(field, "  "),
      `  ${readOnly(field)}${field.id}: ${valueOf(field, "  ", called)}${isThere ? "" : " | null"};`,
    ];
  });
  if (type.fields.some((field) => field.path))
    lines.push("  /** The slugs of the entries above it and its own. */", "  path: LongText | null;");
  const said = [type.name, type.description].filter(Boolean).join(". ");
  return [...docLines({ name: said }, ""), `export type ${name} = {`, ...lines, "};", ""].join("\n");
}

function valueOf(field: FieldDefinition, indent: string, called: Called): string {
  const one = oneOf(field, indent, called);
  if (!field.multiple && field.type !== "blocks") return one;
  return field.type === "reference" || !/ [|&] /.test(one) ? `${one}[]` : `(${one})[]`;
}

function oneOf(field: FieldDefinition, indent: string, called: Called): string {
  switch (field.type) {
    case "enum":
      return unionOf((field.options ?? []).map((one) => (typeof one === "object" ? one.value : one)));
    case "money":
      return field.currencies ? `Money<${unionOf(field.currencies)}>` : "Money";
    case "reference":
      return field.to ? `Reference<${unionOf(field.to)}>` : "Reference";
    case "component":
      return field.component === undefined
        ? objectOf([], field.fields ?? [], indent, called)
        : (called.get(field.component) ?? "object");
    case "blocks":
      return (field.components ?? [])
        .map((one) =>
          typeof one === "string"
            ? `({ type: ${JSON.stringify(one)} } & ${called.get(one) ?? "object"})`
            : objectOf([`type: ${JSON.stringify(one.id)};`], one.fields, indent, called),
        )
        .join(" | ");
    case "rich_text":
      return richTextOf(field, indent, called);
    default:
      return VALUE_TYPES[field.type];
  }
}

/** Rich text with the values of its components: those of blocks, then those of marks. */
function richTextOf(
  { components = [], annotations = [] }: FieldDefinition,
  indent: string,
  called: Called,
): string {
  if (components.length === 0) return "RichText";
  const idOf = (one: (typeof components)[number]) => (typeof one === "string" ? one : one.id);
  const isMark = (one: (typeof components)[number]) => annotations.includes(idOf(one));
  const valuesOf = (one: (typeof components)[number]) =>
    typeof one === "string" ? (called.get(one) ?? "object") : objectOf([], one.fields, `${indent}  `, called);
  const listed = (some: typeof components) =>
    some.length === 0
      ? "{}"
      : ["{", ...some.map((one) => `${indent}  ${idOf(one)}: ${valuesOf(one)};`), `${indent}}`].join("\n");
  const marks = components.filter(isMark);
  const blocks = listed(components.filter((one) => !isMark(one)));
  return marks.length === 0 ? `RichText<${blocks}>` : `RichText<${blocks}, ${listed(marks)}>`;
}

function objectOf(
  first: string[],
  fields: readonly FieldDefinition[],
  indent: string,
  called: Called,
): string {
  const inner = `${indent}  `;
  const lines = innerLines(fields, inner, called);
  return ["{", ...first.map((line) => inner + line), ...lines, `${indent}}`].join("\n");
}

/** Fields inside components and blocks, where one without a value is absent. */
const innerLines = (fields: readonly FieldDefinition[], indent: string, called: Called): string[] =>
  fields.flatMap((field) => [
    ...docLines(field, indent),
    `${indent}${readOnly(field)}${field.id}${isAlways(field) ? "" : "?"}: ${valueOf(field, indent, called)};`,
  ]);

/** Whether a value is required, whatever the others are. */
const isAlways = (field: FieldDefinition): boolean =>
  field.required === true && field.visible_if === undefined;

const readOnly = (field: FieldDefinition): string => (field.computed === undefined ? "" : "readonly ");

const unionOf = (values: readonly (string | number)[]): string =>
  values.length === 0 ? "never" : values.map((value) => JSON.stringify(value)).join(" | ");

function docLines({ name, help }: { name?: string; help?: string }, indent: string): string[] {
  const said = [name, help].filter(Boolean).join(": ").replaceAll("*/", "*\\/").replace(/\s+/g, " ").trim();
  return said === "" ? [] : [`${indent}/** ${said} */`];
}

/** The older of two types keeps the name that both would have. */
const ageOf = (type: TypeDefinition & { created_at?: string }): string => type.created_at ?? "";

/** By type id a name that is nobody else's: `BlogPost`; `MediaEntry`, `MediaEntry2` where that is taken. */
function namesOf(sorted: readonly TypeDefinition[]): Map<string, string> {
  const taken = new Set([...IMPORTED, ...OWN_NAMES]);
  const names = new Map<string, string>();
  for (const { id } of sorted) {
    const plain = id.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
    let name = plain;
    if (taken.has(name)) name = `${plain}Entry`;
    for (let n = 2; taken.has(name); n++) name = `${plain}Entry${n}`;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

/** By component id a name that no type has. */
function componentNames(components: readonly ComponentDefinition[], ofTypes: string[]): Map<string, string> {
  const taken = new Set([...IMPORTED, ...OWN_NAMES, ...ofTypes]);
  const names = new Map<string, string>();
  for (const { id } of components) {
    const plain = id.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
    let name = plain;
    for (let n = 1; taken.has(name); n++) name = `${plain}Component${n === 1 ? "" : n}`;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

const usesName = (text: string, name: string): boolean =>
  new RegExp(`\\b${name}\\b`).test(
    text.replace(/\/\*\*.*\*\/|"(?:[^"\\]|\\.)*"/g, "").replace(/^export (?:type|interface).*$/gm, ""),
  );

function fallsBackTo(
  code: string,
  wanted: string | undefined,
  locales: WrittenEnvironment["locales"],
): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = code; at !== undefined && !seen.has(at);) {
    if (at === wanted) return true;
    seen.add(at);
    at = locales.find((locale) => locale.code === at)?.fallback;
  }
  return false;
}
