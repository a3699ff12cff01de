import type { Actor } from "../../../core/context.ts";
import type { CompiledType } from "../types/index.ts";

/** Whether a name in a grant covers a field: `seo` and `seo.title` cover `seo.title`. */
export const covers = (name: string, path: string): boolean => name === path || isBelow(path, name);

export const isBelow = (path: string, above: string): boolean => path.startsWith(`${above}.`);

/** Fields that a grant names, also by ids that they had before: those of other environments may still have them. */
export const fieldsNow = (type: Pick<CompiledType, "former">, names: readonly string[]): string[] => [
  ...new Set(names.flatMap((name) => [name, nameNow(type, name)])),
];

function nameNow({ former }: Pick<CompiledType, "former">, name: string): string {
  const [top, ...rest] = name.split(".") as [string, ...string[]];
  return [former.get(top) ?? top, ...rest].join(".");
}

/** By field at the top, what grants of an actor name inside it. */
export function innerNames(type: CompiledType, actor: Actor): ReadonlyMap<string, readonly string[]> {
  const names = (actor.grants ?? []).flatMap(({ fields = [] }) => fieldsNow(type, fields));
  const inner = [...new Set(names.filter((name) => name.includes(".")))];
  return Map.groupBy(inner, (name) => name.slice(0, name.indexOf(".")));
}
