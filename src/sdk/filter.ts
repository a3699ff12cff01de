import type { KindOf } from "./field-values.ts";
import type { InnerPath, PathThrough } from "./inner-paths.ts";
import type {
  FieldId,
  FieldOfKind,
  IsLoose,
  ListedId,
  ListName,
  SchemaShape,
  SingleFieldOfKind,
  TargetId,
  TimeName,
  TypeId,
  ValueOf,
} from "./schema.ts";

type Equality<V> = { eq?: V; ne?: V; in?: readonly V[]; nin?: readonly V[] };
type Order<V> = { gt?: V; gte?: V; lt?: V; lte?: V };
type Presence = { exists?: boolean; null?: boolean };
type Words = { contains?: string; starts_with?: string; ends_with?: string };
type Either<V, Operators> = V | readonly V[] | null | (Operators & Presence);
type One<V> = V extends readonly (infer Element)[] ? Element : V;

/** The operators of a field, by the kind of its values. */
type Conditions<S extends SchemaShape, V> = {
  text: Either<One<V>, Equality<One<V>> & Order<string> & Words>;
  number: Either<number, Equality<number> & Order<number>>;
  decimal: Either<string | number, Equality<string | number> & Order<string | number>>;
  money: {
    amount?: Either<string | number, Equality<string | number> & Order<string | number>>;
    currency?: Either<string, Equality<string> & Order<string> & Words>;
  } & Presence;
  clock: Either<string, Equality<string> & Order<string>>;
  time_range: RangeFilter<string>;
  number_range: RangeFilter<number>;
  boolean: Either<boolean, Equality<boolean>>;
  time: Either<string, Equality<string> & Order<string>>;
  media: Either<string, Equality<string>>;
  reference:
    | Either<
        string,
        Equality<string> & {
          /** At or below entries of a tree, such as a category or one of those in it. */
          within?: string | readonly string[];
        }
      >
    | ReferenceFilter<S, TargetId<S, V>>;
  location: {
    near?: string | { lat: number; lon: number; km: number };
    box?: string | { south: number; west: number; north: number; east: number };
    polygon?: string | readonly { lat: number; lon: number }[];
  } & Presence;
  /** Or conditions on its components, by their ids. */
  rich_text: Presence | null | { [component: string]: LooseCondition };
  component: InsideFilter<S, One<V>> | null;
  none: Presence | null;
};
/** Conditions on a range: on its ends, on a value inside it, on another range that it overlaps. */
type RangeFilter<V> =
  | {
      from?: Either<V, Equality<V> & Order<V>>;
      to?: Either<V, Equality<V> & Order<V>>;
    }
  | ({ contains?: V; overlaps?: string | { from?: V; to?: V } } & Presence);
/** Conditions on what is inside a component or blocks: of several elements one meets all of them. */
type InsideFilter<S extends SchemaShape, E> = ("type" extends keyof E
  ? BlocksFilter<S, E>
  : { [F in keyof E & string]?: Condition<S, NonNullable<E[F]>> | undefined }) &
  Presence & {
    and?: readonly InsideFilter<S, E>[];
    or?: readonly InsideFilter<S, E>[];
    not?: InsideFilter<S, E>;
  };
type BlocksFilter<S extends SchemaShape, E> = {
  [B in E as B extends { type: infer Id extends string } ? Id : never]?: InsideFilter<S, Omit<B, "type">>;
};
type Condition<S extends SchemaShape, V> = Conditions<S, V>[KindOf<V> & keyof Conditions<S, V>];
type ReferenceFilter<S extends SchemaShape, T> = T extends TypeId<S> ? Filter<S, T> : never;

type TypedFilter<S extends SchemaShape, T extends TypeId<S>> = {
  [F in FieldId<S, T>]?: Condition<S, ValueOf<S, T, F>> | undefined;
} & {
  [N in ListName<S, T>]?: Either<string, Equality<string>> | Filter<S, ListedId<S, T, N>> | undefined;
} & { [Name in TimeName]?: string | (Equality<string> & Order<string>) } & {
  id?: string | readonly string[] | Equality<string>;
  and?: readonly Filter<S, T>[];
  or?: readonly Filter<S, T>[];
  not?: Filter<S, T>;
};

/** A filter of a client without a schema. */
export type LooseFilter = { [fieldOrJoin: string]: LooseCondition | undefined };
type LooseCondition =
  | string
  | number
  | boolean
  | null
  | readonly (string | number | boolean | LooseFilter)[]
  | { [operatorOrField: string]: LooseCondition | undefined };

/**
 * Which entries are meant: conditions on fields (`{ price: { gte: 10 } }`; a plain value is `eq`), on
 * what they refer to (`{ author: { name: "Ann" } }`), joined by `and`, `or` and `not`.
 */
export type Filter<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true ? LooseFilter : TypedFilter<S, T>;

/** The parts of values that have some, such as `price.amount`. */
export type PartName<S extends SchemaShape, T extends TypeId<S>> =
  | `${SingleFieldOfKind<S, T, "money">}.${"amount" | "currency"}`
  | `${SingleFieldOfKind<S, T, "time_range" | "number_range">}.${"from" | "to"}`;

type Comparable = "text" | "number" | "decimal" | "boolean" | "time" | "clock";
type Sortable<S extends SchemaShape, T extends TypeId<S>> =
  | SingleFieldOfKind<S, T, Comparable | "money" | "time_range" | "number_range">
  | InnerPath<S, T, Comparable>
  | PathThrough<S, T, Comparable>
  | PartName<S, T>
  | TimeName
  | "id"
  | "order"
  | "_score";

/** A field to sort by; `-` turns it round, `:nulls_first` puts entries without a value in front, `:options` orders an enum by its options. */
export type SortKey<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    :
        | `${"" | "-"}${FieldOfKind<S, T, "location">}:near(${number},${number})`
        | `${"" | "-"}${Sortable<S, T>}${"" | ":options"}${"" | ":nulls_first" | ":nulls_last"}`
        | `random:${string}`;
