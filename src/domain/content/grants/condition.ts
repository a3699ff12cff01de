/** What an entry has besides its fields that conditions may ask for. */
export const FACTS = [
  "id",
  "status",
  "created_by",
  "updated_by",
  "assignee",
  "stage",
  "created_at",
  "updated_at",
  "published_at",
] as const;
export type Fact = (typeof FACTS)[number];

/** How a value is compared. `any` allows only a check for existence. */
export type ComparedAs = "text" | "number" | "decimal" | "boolean" | "day" | "datetime" | "clock" | "any";
export type Comparison =
  | "in"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "contains"
  | "starts_with"
  | "ends_with"
  | "exists";
export type Plain = string | number | boolean;

/**
 * A condition ready for both readers of it, SQL and memory: names are known, values are of the type
 * they are compared as.
 */
export type Condition =
  | { kind: "all" | "any"; of: readonly Condition[] }
  | { kind: "not"; of: Condition }
  | {
      kind: "test";
      name: string;
      isFact: boolean;
      as: ComparedAs;
      comparison: Comparison;
      values: readonly Plain[];
    };
export type Test = Condition & { kind: "test" };

export const ALWAYS: Condition = { kind: "all", of: [] };
export const NEVER: Condition = { kind: "any", of: [] };
export const isAlways = (one: Condition): boolean => one.kind === "all" && one.of.length === 0;
export const isNever = (one: Condition): boolean => one.kind === "any" && one.of.length === 0;

/** All of them, or any of them, without what decides nothing. */
export function joined(kind: "all" | "any", of: readonly Condition[]): Condition {
  const [decides, saysNothing] = kind === "all" ? [isNever, isAlways] : [isAlways, isNever];
  if (of.some(decides)) return kind === "all" ? NEVER : ALWAYS;
  const left = [
    ...new Map(of.filter((one) => !saysNothing(one)).map((one) => [JSON.stringify(one), one])).values(),
  ];
  return left.length === 1 ? left[0]! : { kind, of: left };
}

export function negated(of: Condition): Condition {
  if (isAlways(of)) return NEVER;
  return isNever(of) ? ALWAYS : { kind: "not", of };
}
