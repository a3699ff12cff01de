import { isRealDay, realDatetime } from "../datetimes.ts";
import type { Link } from "./export-file.ts";
import type { FieldPlan } from "./map-fields.ts";
import { mapRichText, type RichTextContext } from "./map-rich-text.ts";

export type ValueContext = RichTextContext & {
  /** Ids of FlowCMS' types that an entry of the export has, by the entry's id there. */
  typeOf: (id: string) => string | undefined;
};

const MAX_ELEMENTS = 500;
const MAX_JSON_DEPTH = 32;

/** A field value in FlowCMS' form; null, with a reported reason, when it cannot be imported. */
export function mapValue(plan: FieldPlan, value: unknown, context: ValueContext): unknown {
  if (value === null || value === undefined) return null;
  if (!plan.multiple) return mapOne(plan, value, context);
  if (!Array.isArray(value)) return refuse(context, "is not a list");
  if (value.length > MAX_ELEMENTS)
    context.say(`has ${value.length} elements: those after ${MAX_ELEMENTS} are left out`);
  return value
    .slice(0, MAX_ELEMENTS)
    .map((one: unknown) => mapOne(plan, one, context))
    .filter((one) => one !== null);
}

function mapOne(plan: FieldPlan, value: unknown, context: ValueContext): unknown {
  switch (plan.type) {
    case "short_text":
    case "long_text":
    case "markdown":
      return typeof value === "string" ? cleanText(value, context) : refuse(context, "is not a string");
    case "slug":
      return typeof value === "string" ? composed(value, context) : refuse(context, "is not a string");
    case "enum":
      if (value === "") return refuse(context, "is empty, which is none of the options");
      return typeof value === "string" ? value : refuse(context, "is not a string");
    case "integer":
      return Number.isSafeInteger(value) ? value : refuse(context, "is not an integer");
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? value : refuse(context, "is not a number");
    case "boolean":
      return typeof value === "boolean" ? value : refuse(context, "is not a boolean");
    case "date":
      return isDay(value) ? value : refuse(context, "is not a date");
    case "datetime":
      return mapDatetime(value, context);
    case "location":
      return mapLocation(value, context);
    case "json":
      return mapJson(value, context);
    case "rich_text":
      return mapRichText(value, context);
    case "media":
      return followLink(value, "Asset", (id) => context.assetOf(id)?.id, context);
    case "reference":
      return followEntry(plan, value, context);
    default:
      return refuse(context, `has the type ${plan.type}`);
  }
}

function cleanText(value: string, { say }: ValueContext): string {
  const clean = value.replaceAll("\0", "").toWellFormed();
  if (clean !== value) say("contains invalid Unicode: removed");
  return clean;
}

function composed(value: string, context: ValueContext): string {
  const slug = value.normalize("NFC");
  if (slug !== value) context.say("is not in Unicode normal form C: normalised");
  return slug;
}

const isDay = (value: unknown): boolean => typeof value === "string" && isRealDay(value);

/** Contentful has dates, and datetimes with or without time zone and seconds. */
function mapDatetime(value: unknown, context: ValueContext): string | null {
  const parts =
    typeof value === "string"
      ? /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:?\d{2})?$/.exec(value)
      : null;
  if (!parts) return refuse(context, "is not a datetime");
  const [, day, time = "00:00", zone = "Z"] = parts;
  const datetime = `${day}T${time}${zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2")}`;
  const utc = realDatetime(datetime);
  if (utc === undefined) return refuse(context, "is not a datetime");
  if (parts[3] === undefined) context.say(`${String(value)} has no time zone: read as UTC`);
  return utc;
}

function mapLocation(value: unknown, context: ValueContext): unknown {
  const { lat, lon } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const isWithin = (n: unknown, limit: number) => typeof n === "number" && Math.abs(n) <= limit;
  return isWithin(lat, 90) && isWithin(lon, 180) ? { lat, lon } : refuse(context, "is not a valid location");
}

function mapJson(value: unknown, context: ValueContext): unknown {
  const depthOf = (node: unknown): number =>
    typeof node === "object" && node !== null ? 1 + Math.max(0, ...Object.values(node).map(depthOf)) : 0;
  if (depthOf(value) > MAX_JSON_DEPTH) return refuse(context, `is nested deeper than ${MAX_JSON_DEPTH}`);
  const text = JSON.stringify(value);
  const clean = JSON.parse(text.replaceAll("\\u0000", "")) as unknown;
  if (text.includes("\\u0000")) context.say("contains NUL characters: removed");
  return clean;
}

function followEntry(plan: FieldPlan, value: unknown, context: ValueContext): unknown {
  const to = plan.definition["to"] as string[] | undefined;
  const id = followLink(value, "Entry", context.entryOf, context);
  const type = context.typeOf((value as Link).sys?.id);
  if (id === null || !to || to.includes(type!)) return id;
  return refuse(
    context,
    `refers to ${(value as Link).sys.id} of the type ${type}, which the field does not accept`,
  );
}

function followLink(
  value: unknown,
  kind: string,
  find: (id: string) => string | undefined,
  context: ValueContext,
): string | null {
  const { sys } = (typeof value === "object" && value !== null ? value : {}) as Partial<Link>;
  if (sys?.linkType !== kind || typeof sys.id !== "string")
    return refuse(context, `is not a link to an ${kind.toLowerCase()}`);
  return (
    find(sys.id) ??
    refuse(context, `refers to the ${kind.toLowerCase()} ${sys.id}, which the export does not have`)
  );
}

function refuse(context: ValueContext, reason: string): null {
  context.say(`${reason}: left out`);
  return null;
}
