import { invalid } from "../../../core/errors.ts";
import { findAttribute, type Attribute, type ResourceSchema } from "./attributes.ts";
import { readPath, type Filter } from "./filter.ts";
import { matches, partsOf } from "./match-filter.ts";
import { isObject, type Kept } from "./read-resource.ts";
import { badValue, noTarget, type PatchOperation } from "./schemas.ts";

type Op = PatchOperation["op"];

/**
 * What a resource is after the operations, in the shapes that Okta (`{ op: "replace", value: {
 * active: false } }`) and Entra ID (`{ op: "Replace", path: 'emails[type eq "work"].value', value:
 * "…" }`) send. Attributes of other schemas are passed over, and what a value without a path holds
 * that is not known. The result is still to be read.
 */
export function patchResource(
  schema: ResourceSchema,
  before: Kept,
  operations: readonly PatchOperation[],
): Kept {
  const resource = structuredClone(before);
  for (const { op, path, value } of operations) {
    if (path !== undefined) apply(schema, resource, op, path, value, true);
    else if (op === "remove") throw noTarget("remove needs a path.");
    else if (isObject(value))
      for (const [name, one] of Object.entries(value)) apply(schema, resource, op, name, one, false);
    else throw invalid("scim/invalid-value", "A value without a path must be an object.", [], 400);
  }
  return resource;
}

function apply(
  schema: ResourceSchema,
  resource: Kept,
  op: Op,
  text: string,
  value: unknown,
  isNamed: boolean,
): void {
  const { path, filter, sub: after } = readPath(text);
  const found = findAttribute(schema, after === undefined ? path : `${path}.${after}`);
  if (!found) {
    if (!isNamed || (/^urn:/i.test(path) && !path.toLowerCase().startsWith(schema.id.toLowerCase()))) return;
    throw invalid("scim/invalid-path", `There is no "${text.slice(0, 100)}" to ${op}.`, [], 400);
  }
  const { attribute, sub, steps } = found;
  if (attribute.mutability === "readOnly") {
    if (!isNamed) return;
    throw invalid("scim/mutability", `"${attribute.name}" is read only.`, [], 400);
  }
  if (filter && !attribute.multiValued)
    throw invalid("scim/invalid-path", `"${attribute.name}" is not a list.`, [], 400);
  const parents = steps.slice(0, sub ? -2 : -1);
  const holder = parents.reduce<Kept>((at, step) => (at[step] ??= {}) as Kept, resource);
  const isGone = op === "remove" || value === null;
  if (attribute.multiValued) {
    const list = (Array.isArray(holder[attribute.name]) ? holder[attribute.name] : []) as Kept[];
    holder[attribute.name] = changeList(list, { op: isGone ? "remove" : op, filter, sub, value });
  } else if (sub) {
    const inner = (isObject(holder[attribute.name]) ? holder[attribute.name] : {}) as Kept;
    holder[attribute.name] = { ...inner, [sub.name]: isGone ? undefined : value };
  } else if (isGone) delete holder[attribute.name];
  else holder[attribute.name] = merged(holder[attribute.name], value, attribute);
}

/** A complex value leaves the parts that it does not name as they are (RFC 7644, 3.5.2.3). */
function merged(before: unknown, value: unknown, attribute: Attribute): unknown {
  if (attribute.type !== "complex" || !isObject(value)) return value;
  const parts = Object.entries(value).map(([name, one]) => [
    attribute.subAttributes!.find((sub) => sub.name.toLowerCase() === name.toLowerCase())?.name ?? name,
    one,
  ]);
  return { ...(isObject(before) ? before : {}), ...Object.fromEntries(parts) };
}

type ListChange = { op: Op; filter: Filter | undefined; sub: Attribute | undefined; value: unknown };

function changeList(list: Kept[], { op, filter, sub, value }: ListChange): Kept[] {
  if (filter === undefined && sub === undefined) return changeWhole(list, op, value);
  const meant = new Set(list.filter((one) => filter === undefined || matches(one, filter)));
  if (op === "remove")
    return sub === undefined
      ? list.filter((one) => !meant.has(one))
      : list.map((one) => (meant.has(one) ? { ...one, [sub.name]: undefined } : one)).filter(saysSomething);
  const change = sub === undefined ? (isObject(value) ? value : { value }) : { [sub.name]: value };
  if (meant.size > 0)
    return onePrimary(
      list.map((one) => (meant.has(one) ? { ...one, ...change } : one)),
      list.findIndex((one) => meant.has(one)),
    );
  const parts = filter === undefined ? [] : partsOf(filter);
  if (list.length >= 2 * MOST_ELEMENTS) throw badValue(`A list has at most ${MOST_ELEMENTS} elements.`);
  if (parts === undefined) throw noTarget("No element matches the path.");
  return onePrimary([...list, { ...Object.fromEntries(parts), ...change }], list.length);
}

/**
 * Each element is compared with all others, so lists are limited to the stored length, with room for
 * elements that are removed.
 */
const MOST_ELEMENTS = 100;

function changeWhole(list: Kept[], op: Op, value: unknown): Kept[] {
  const many = Array.isArray(value) ? value.length : 1;
  if (many > MOST_ELEMENTS || (op === "add" && list.length + many > 2 * MOST_ELEMENTS))
    throw badValue(`A list has at most ${MOST_ELEMENTS} elements.`);
  const given = (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]).map(
    (one) => (isObject(one) ? one : { value: one }),
  );
  if (op === "replace") return given;
  const same = (a: Kept, b: Kept) => a["value"] === b["value"] && (a["type"] ?? null) === (b["type"] ?? null);
  if (op === "remove")
    return given.length === 0
      ? []
      : list.filter((one) => !given.some((gone) => gone["value"] === one["value"]));
  let out = list;
  for (const one of given) {
    const at = out.findIndex((known) => same(known, one));
    out =
      at === -1
        ? onePrimary([...out, one], out.length)
        : onePrimary(out.with(at, { ...out[at], ...one }), at);
  }
  return out;
}

/** Where the element at `at` is the primary one now, no other is. */
const onePrimary = (list: Kept[], at: number): Kept[] =>
  String(list[at]?.["primary"]).toLowerCase() === "true"
    ? list.map((one, i) => (i === at || one["primary"] !== true ? one : { ...one, primary: false }))
    : list;

const saysSomething = (one: Kept): boolean =>
  Object.entries(one).some(([name, value]) => value !== undefined && name !== "type" && name !== "primary");
