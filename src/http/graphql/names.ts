import { specifiedScalarTypes } from "graphql";

/** `blog_post` → `blogPost`; `a_1` keeps its underscore, so that no two ids meet in one name. */
export function camelCase(id: string): string {
  return id.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `blogPost` → `blog_post`: back from `camelCase`, for ids without capital letters. */
export function restName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `blog_post` → `BlogPost`. */
export function pascalCase(id: string): string {
  const name = camelCase(id);
  return name[0]!.toUpperCase() + name.slice(1);
}

/** Names of types that are there in every environment. */
export const OWN_TYPES = [
  ...specifiedScalarTypes.map(({ name }) => name),
  ..."Query Mutation Subscription JSON DateTime Decimal Money DateRange DateTimeRange NumberRange MoneyInput DateRangeInput DateTimeRangeInput NumberRangeInput RichText RichTextForm Localization Location LocationInput Near Box Nearest Asset AssetList Entry CommonEntry CommonEntryConnection CommonEntryEdge UnavailableEntry EntryChange AssetChange ReleaseChange".split(
    " ",
  ),
  ..."EntryStatus EntryCan Perspective PageInfo Facet FacetValue Refusal BulkItem BulkResult EntryVersion Difference ReferenceTo".split(
    " ",
  ),
  ..."TrashedEntry Schedule Standing Comment Notification TextFilter NumberFilter BooleanFilter TimeFilter".split(
    " ",
  ),
  ..."DecimalFilter ClockFilter MoneyFilter DateRangeFilter DateTimeRangeFilter NumberRangeFilter".split(" "),
  ..."LocationFilter PresenceFilter IdFilter ReferenceFilter".split(" "),
];

/** `hero_image` → `HeroImage`; `Location_Component` where a type of that name is there anyway. */
export function componentName(id: string): string {
  const name = pascalCase(id);
  return OWN_TYPES.includes(name) ? `${name}_Component` : name;
}

/** The enum value of a field: `true`, `false` and `null` are not allowed as names. */
export function enumName(id: string): string {
  return ["true", "false", "null"].includes(id) ? `${id}_` : camelCase(id);
}

/** Gives each name once: who comes second to a name gets it with a number behind. */
export function nameClaims(taken: Iterable<string>): (name: string) => string {
  const used = new Set(taken);
  return (name) => {
    let free = name;
    for (let i = 2; used.has(free); i++) free = `${name}_${i}`;
    used.add(free);
    return free;
  };
}
