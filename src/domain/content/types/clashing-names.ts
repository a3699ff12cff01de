/** What GraphQL puts behind the name of a content type to name what is made of it. */
const PARTS = "entry filter sort facet group input edge connection aggregate numbers extremes values".split(
  " ",
);

/**
 * The ids of components that a content type could not be told from in GraphQL, or of content types
 * that a component could not: `seo` and `seo`, `seo` and `seo_entry`.
 */
export function clashesOf(one: { type: string } | { component: string }): string[] {
  if ("type" in one) return [one.type, ...PARTS.map((part) => `${one.type}_${part}`)];
  const { component: id } = one;
  return [
    id,
    ...PARTS.filter((part) => id.endsWith(`_${part}`)).map((part) => id.slice(0, -part.length - 1)),
  ];
}
