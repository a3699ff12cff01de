import { findAttribute, type Attribute, type ResourceSchema } from "./attributes.ts";
import { badValue } from "./schemas.ts";

const MAX_TEXT = 1000;
const MAX_ELEMENTS = 50;
const MAX_KEPT = 16_000;

export type Kept = Record<string, unknown>;

/**
 * The attributes of a body under their own names, in whatever case and after whatever URN they came;
 * what the schema does not know is passed over. Throws INVALID `scim/invalid-value` for values of the
 * wrong form.
 */
export function readResource(schema: ResourceSchema, body: unknown): Kept {
  if (!isObject(body)) throw badValue("The body must be an object.");
  const out: Kept = {};
  for (const [key, value] of Object.entries(body)) {
    const found = findAttribute(schema, key);
    if (!found || found.attribute.mutability === "readOnly") continue;
    const { attribute, sub, steps } = found;
    const read = readValue(sub ?? attribute, value, steps.at(-1)!);
    if (read !== undefined) put(out, steps, read);
  }
  if (JSON.stringify(out).length > MAX_KEPT && schema.name === "User")
    throw badValue(`A user has at most ${MAX_KEPT} characters.`);
  return out;
}

function put(out: Kept, steps: string[], value: unknown): void {
  const [first, ...rest] = steps as [string, ...string[]];
  if (rest.length === 0) {
    out[first] = isObject(value) && isObject(out[first]) ? { ...out[first], ...value } : value;
    return;
  }
  const inner = isObject(out[first]) ? out[first] : {};
  put(inner, rest, value);
  out[first] = inner;
}

/** An attribute value in its stored form; undefined for none. */
function readValue(attribute: Attribute, value: unknown, path: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (!attribute.multiValued) return readOne(attribute, value, path);
  const elements = Array.isArray(value) ? value : [value];
  if (attribute.name !== "members" && elements.length > MAX_ELEMENTS)
    throw badValue(`${path}: at most ${MAX_ELEMENTS} are allowed.`);
  const read = elements.flatMap((one, i) => readOne(attribute, one, `${path}[${i}]`) ?? []);
  if (read.filter((one) => (one as Kept)["primary"] === true).length > 1)
    throw badValue(`${path}: only one may be primary.`);
  return read.length === 0 ? undefined : read;
}

function readOne(attribute: Attribute, value: unknown, path: string): unknown {
  if (attribute.type === "complex") return readComplex(attribute, value, path);
  if (attribute.type === "boolean") {
    if (typeof value === "boolean") return value;
    if (typeof value === "string" && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === "true";
    throw badValue(`${path}: must be true or false.`);
  }
  if (typeof value !== "string") throw badValue(`${path}: must be a text.`);
  if (value.length > MAX_TEXT) throw badValue(`${path}: must have ${MAX_TEXT} characters or fewer.`);
  if (value.includes("\0") || !value.isWellFormed()) throw badValue(`${path}: must be Unicode text.`);
  return value;
}

/** An object's known parts; what has a `value` may come as that alone, as Entra ID sends a manager. */
function readComplex(attribute: Attribute, value: unknown, path: string): Kept | undefined {
  const parts = attribute.subAttributes!;
  const asValue = parts.find(({ name }) => name === "value");
  if (!isObject(value)) {
    if (!asValue) throw badValue(`${path}: must be an object.`);
    const read = readOne(asValue, value, path);
    return read === "" ? undefined : { value: read };
  }
  const out: Kept = {};
  for (const [key, one] of Object.entries(value)) {
    const part = parts.find(({ name }) => name.toLowerCase() === key.toLowerCase());
    const read = part && readValue(part, one, `${path}.${key.slice(0, 50)}`);
    if (read !== undefined) out[part!.name] = read;
  }
  return Object.keys(out).length === 0 ? undefined : out;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
