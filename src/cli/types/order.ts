import type { Definition, Field } from "./type-files.ts";

/** The ids of the reusable components that fields use by themselves. */
export function componentsIn(fields: readonly Field[], found = new Set<string>()): Set<string> {
  for (const { component, fields: inner = [], components = [] } of fields) {
    if (typeof component === "string") found.add(component);
    componentsIn(inner, found);
    for (const one of components) {
      if (typeof one === "string") found.add(one);
      else componentsIn(one.fields, found);
    }
  }
  return found;
}

/** The ids of the types that fields refer to. */
export function targetsIn(fields: readonly Field[], found = new Set<string>()): Set<string> {
  for (const { to, fields: inner = [], components = [] } of fields) {
    for (const id of (to ?? []) as string[]) found.add(id);
    targetsIn(inner, found);
    for (const one of components) if (typeof one !== "string") targetsIn(one.fields, found);
  }
  return found;
}

/** Components with those that they use before them; ones that use each other in a circle as they come. */
export function inOrderOfUse<T extends Definition>(components: readonly T[]): T[] {
  const ordered = new Set<T>();
  const begun = new Set<T>();
  const visit = (one: T | undefined): void => {
    if (!one || begun.has(one)) return;
    begun.add(one);
    for (const id of componentsIn(one.fields)) visit(components.find((other) => other.id === id));
    ordered.add(one);
  };
  components.toSorted((a, b) => (a.id < b.id ? -1 : 1)).forEach(visit);
  return [...ordered];
}
