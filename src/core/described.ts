import type * as z from "zod";

/**
 * A copy of an object's schema whose properties say what they mean in the API document. The words
 * stand beside the operations, out of the bundles that describe nothing.
 *
 * @example described(LimitQuery, { limit: "The page size." })
 */
export function described<T extends z.ZodObject>(
  schema: T,
  words: { readonly [name in keyof T["shape"]]?: string },
): T {
  const shape = schema.shape as Record<string, z.ZodType>;
  const said = Object.entries(words).map(([name, text]) => [name, shape[name]!.describe(text as string)]);
  return schema.extend(Object.fromEntries(said) as Record<string, z.ZodType>) as unknown as T;
}
