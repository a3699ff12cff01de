import { GraphQLEnumType } from "graphql";
import { isNumeric, optionsOf, type Field } from "../../domain/content/types/index.ts";

/** Names that GraphQL gives a meaning. */
const TAKEN = ["true", "false", "null"];

/** The options of an enum of texts as a GraphQL enum; undefined for other fields. */
export function optionsType(field: Field, claim: () => string): GraphQLEnumType | undefined {
  if (field.type !== "enum" || isNumeric(field)) return undefined;
  const values: Record<string, { value: string; description?: string }> = {};
  for (const [value, label] of optionsOf(field)) {
    const name = nameOf(String(value));
    let free = name;
    for (let i = 2; Object.hasOwn(values, free); i++) free = `${name}_${i}`;
    const description = label ?? (free === value ? undefined : String(value));
    values[free] = { value: String(value), ...(description === undefined ? {} : { description }) };
  }
  return new GraphQLEnumType({ name: claim(), values });
}

/** `not so calm` → `not_so_calm`, `4k` → `_4k`. */
function nameOf(option: string): string {
  const name = option.replace(/[^\w]+/g, "_").replace(/^_+(?=.)/, "");
  return /^\d/.test(name) || TAKEN.includes(name) || name === "" ? `_${name}` : name;
}
