import type { CompiledType, EnvironmentSchema } from "../../domain/content/types/index.ts";

/** What is made of a content type when it is first asked for; undefined where there is no such type. */
export type ByType<T> = { get(typeId: string): T | undefined };

/** Makes something of each content type, once and not before it is needed. */
export function byType<T>(schema: EnvironmentSchema, make: (type: CompiledType) => T): ByType<T> {
  const made = new Map<string, T>();
  return {
    get(typeId) {
      const type = schema.types.get(typeId);
      if (!type) return undefined;
      let one = made.get(typeId);
      if (one === undefined) made.set(typeId, (one = make(type)));
      return one;
    },
  };
}
