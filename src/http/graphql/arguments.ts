import { invalid } from "../../core/errors.ts";

/** Arguments as GraphQL has checked them against the schema. */
export type Arguments = Record<string, any>;

/** Without the arguments that were given as null. */
export function given(args: Arguments): Arguments {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/** A whole number from 1 to `most`; throws INVALID `graphql/bad-argument`. */
export function wholeNumber(args: Arguments, name: string, fallback: number, most: number): number {
  const value = (args[name] ?? fallback) as number;
  if (value >= 1 && value <= most) return value;
  const message = `must be 1 to ${most}`;
  throw invalid("graphql/bad-argument", `${name} ${message}.`, [{ path: name, message }]);
}
