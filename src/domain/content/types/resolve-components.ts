import { addDetail } from "../../../core/nearest.ts";
import type { ErrorDetail } from "../../../core/errors.ts";
import type { ComponentDefinition } from "./component-schemas.ts";
import type { AuthoredField, Field } from "./schemas.ts";

/** Fields with all components in their places, and the ids of the reusable ones, also inside each other. */
export type Resolution = { fields: Field[]; uses: ReadonlySet<string> };

/** Puts reusable components in their places; what cannot be is added to `issues` with its path. */
export type Resolve = (fields: readonly AuthoredField[], path: string, issues: ErrorDetail[]) => Resolution;

type Found = { issues: ErrorDetail[]; uses: Set<string> };

/**
 * Resolves by these components. The fields of a component are the same array wherever it is used, so
 * that what resolves to very much takes little memory before its size is checked.
 */
export function resolverOf(components: ReadonlyMap<string, ComponentDefinition>): Resolve {
  const known = new Map<string, Resolution>();
  const trail: string[] = [];

  const reusable = (id: string, path: string, { issues, uses }: Found): Field[] => {
    const component = components.get(id);
    if (!component) {
      addDetail(issues, path, `there is no component "${id}".`, {
        written: id,
        valid: () => components.keys(),
      });
      return [];
    }
    if (trail.includes(id)) {
      const circle = [...trail.slice(trail.indexOf(id)), id].join(" → ");
      addDetail(issues, path, `a component cannot contain itself: ${circle}`);
      return [];
    }
    let found = known.get(id);
    if (!found) {
      trail.push(id);
      found = resolve(component.fields, path, issues);
      trail.pop();
      known.set(id, found);
    }
    uses.add(id);
    for (const one of found.uses) uses.add(one);
    return found.fields;
  };

  const resolveField = (field: AuthoredField, path: string, found: Found): Field => {
    const { fields, components: parts, editor: _editor, ...given } = field;
    const own = withCondition(given);
    if (own.component !== undefined && own.type !== "component")
      addDetail(found.issues, `${path}.component`, "belongs to fields of type component");
    else if (own.component !== undefined && fields)
      addDetail(found.issues, `${path}.fields`, "cannot be given with component: it has its own");
    const inside = (list: readonly AuthoredField[], at: string) =>
      list.map((one, i) => resolveField(one, `${at}[${i}]`, found));
    const inner =
      own.component === undefined
        ? fields && inside(fields, `${path}.fields`)
        : reusable(own.component, `${path}.component`, found);
    const blocks = parts?.map((part, i) => {
      const at = `${path}.components[${i}]`;
      if (typeof part !== "string") return { ...part, fields: inside(part.fields, `${at}.fields`) };
      const { name, rules } = components.get(part) ?? {};
      const about = { id: part, ...(name ? { name } : {}), component: part };
      return { ...about, fields: reusable(part, at, found), ...(rules ? { rules } : {}) };
    });
    const rules = own.component === undefined ? undefined : components.get(own.component)?.rules;
    return {
      ...own,
      ...(inner ? { fields: inner } : {}),
      ...(rules ? { component_rules: rules } : {}),
      ...(blocks ? { components: blocks } : {}),
    };
  };

  const resolve: Resolve = (fields, path, issues) => {
    const found: Found = { issues, uses: new Set() };
    return {
      fields: fields.map((field, i) => resolveField(field, `${path}[${i}]`, found)),
      uses: found.uses,
    };
  };
  return resolve;
}

/** A required field that is not always shown is required only while it is. */
const withCondition = <F extends Pick<AuthoredField, "required" | "visible_if">>(field: F): F =>
  field.required && field.visible_if !== undefined
    ? { ...field, required: false, required_if: "true" }
    : field;

/** Characters of JSON that fields take about, with those inside as often as they are there. */
export function sizeOfFields(fields: readonly Field[], sizes = new Map<readonly Field[], number>()): number {
  const known = sizes.get(fields);
  if (known !== undefined) return known;
  let size = 2;
  for (const { fields: inner, components, ...own } of fields) {
    size += JSON.stringify(own).length + 1;
    if (inner) size += sizeOfFields(inner, sizes) + '"fields":,'.length;
    for (const { fields: part, ...about } of components ?? [])
      size += JSON.stringify(about).length + sizeOfFields(part, sizes) + '"fields":,'.length;
  }
  sizes.set(fields, size);
  return size;
}
