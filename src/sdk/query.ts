import type { Can } from "./names.ts";
import type { Filter, PartName, SortKey } from "./filter.ts";
import type {
  FieldOfKind,
  IsLoose,
  LocaleOf,
  SchemaShape,
  SingleFieldOfKind,
  TimeName,
  TypeId,
} from "./schema.ts";
import type { AnyInnerPath, InnerPath } from "./inner-paths.ts";
import type { FieldName, Include, LocaleName, RichTextForm } from "./view.ts";

/** The perspective of a query: published content, or working copies for editors. */
export type Perspective = "published" | "draft";

/** How entries are shown. */
export type ViewQuery<
  S extends SchemaShape,
  T extends TypeId<S>,
  F extends FieldName<S, T> = FieldName<S, T>,
  I extends string = string,
  R extends RichTextForm = RichTextForm,
  L extends LocaleName<S> = LocaleName<S>,
> = {
  fields?: readonly F[] | undefined;
  include?: Include<S, T, I> | undefined;
  /** Which entries of an included list are shown, in which order and how many, by the paths of `include`. */
  include_options?: Readonly<Record<string, IncludeOptions>> | undefined;
  /** How many entries of a back reference are shown, 1 to 100; 10 when absent. */
  related_limit?: number | undefined;
  locale?: L | undefined;
  perspective?: Perspective | undefined;
  /** A release: what is published, as it would be after it. */
  release?: string | undefined;
  rich_text?: R | undefined;
};

/** Of a list of references, or a back reference: a filter and sort as those of a list of its entries have. */
export type IncludeOptions = {
  filter?: Readonly<Record<string, unknown>> | undefined;
  sort?: readonly string[] | undefined;
  limit?: number | undefined;
};

/** Which entries are meant. */
export type Match<S extends SchemaShape, T extends TypeId<S>> = {
  filter?: Filter<S, T> | undefined;
  /** Words to search for. */
  q?: string | undefined;
};

type Countable<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    :
        | FieldOfKind<S, T, "text" | "number" | "decimal" | "clock" | "boolean" | "reference" | "media">
        | `${SingleFieldOfKind<S, T, "money">}.currency`
        | AnyInnerPath<S, T, "text" | "number" | "decimal" | "clock" | "boolean" | "reference" | "media">;

/** The query of a list. */
export type ListQuery<
  S extends SchemaShape,
  T extends TypeId<S>,
  F extends FieldName<S, T> = FieldName<S, T>,
  I extends string = string,
  R extends RichTextForm = RichTextForm,
  L extends LocaleName<S> = LocaleName<S>,
  N extends Total = Total,
> = ViewQuery<S, T, F, I, R, L> &
  Match<S, T> & {
    sort?: readonly SortKey<S, T>[] | undefined;
    /** From 1, to entry 10,000; `cursor` has no end. */
    page?: number | undefined;
    /** 1 to 100; 20 when absent. */
    limit?: number | undefined;
    /** The `next_cursor` of the page before. */
    cursor?: string | undefined;
    /** Marks what `q` found, as HTML. */
    highlight?: boolean | undefined;
    /** Fields whose values are counted over everything that matches. */
    facets?: readonly Countable<S, T>[] | undefined;
    /** `false` counts nothing, `"exact"` counts without the limit of 10,000. */
    total?: N | undefined;
  };

/** Whether what matches is counted. */
export type Total = boolean | "exact";

type Group<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    :
        | FieldOfKind<
            S,
            T,
            "text" | "number" | "decimal" | "clock" | "boolean" | "time" | "reference" | "media"
          >
        | PartName<S, T>
        | InnerPath<
            S,
            T,
            "text" | "number" | "decimal" | "clock" | "boolean" | "time" | "reference" | "media"
          >
        | TimeName;
type Span<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    : `${SingleFieldOfKind<S, T, "time"> | InnerPath<S, T, "time"> | TimeName}:${"year" | "quarter" | "month" | "week" | "day" | "hour"}`;
type Ordered<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    :
        | SingleFieldOfKind<S, T, "number" | "decimal" | "clock" | "time">
        | InnerPath<S, T, "number" | "decimal" | "clock" | "time">
        | PartName<S, T>
        | TimeName;
type Summed<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    :
        | SingleFieldOfKind<S, T, "number" | "decimal">
        | InnerPath<S, T, "number" | "decimal">
        | `${SingleFieldOfKind<S, T, "money">}.amount`
        | `${SingleFieldOfKind<S, T, "number_range">}.${"from" | "to"}`;

/** The aggregates to compute over the matching entries. */
export type AggregateQuery<S extends SchemaShape, T extends TypeId<S>> = Match<S, T> & {
  locale?: LocaleOf<S> | undefined;
  perspective?: Perspective | undefined;
  /** A release: what is published, as it would be after it. */
  release?: string | undefined;
  /** Fields, and of times spans such as `published_at:month`. */
  group_by?: readonly (Group<S, T> | Span<S, T>)[] | undefined;
  /** The time zone of spans of time, such as `Europe/Berlin`. */
  time_zone?: string | undefined;
  min?: readonly Ordered<S, T>[] | undefined;
  max?: readonly Ordered<S, T>[] | undefined;
  avg?: readonly Summed<S, T>[] | undefined;
  sum?: readonly Summed<S, T>[] | undefined;
  /** How many different values fields have; `group_by` lists them. */
  distinct?: readonly Group<S, T>[] | undefined;
};

/**
 * `count`, then by function and field the value (null over no values); `group` holds the values
 * grouped by.
 */
export type Aggregate = {
  count: number;
  group?: Record<string, string | number | boolean | null>;
  min?: Record<string, number | string | null>;
  max?: Record<string, number | string | null>;
  /** Of decimals exact, as strings. */
  avg?: Record<string, number | string | null>;
  sum?: Record<string, number | string | null>;
  distinct?: Record<string, number>;
};

export type Pagination<N extends Total = true> = {
  /** Null when the page was reached by a cursor. */
  current_page: number | null;
  per_page: number;
  total_items: N extends false ? undefined : number;
  /** There may be more than `total_items`: counting stopped there. */
  total_capped?: true;
  next_cursor: string | null;
};

/** A page of entries. */
export type Page<Shown, N extends Total = true> = {
  data: Shown[];
  pagination: Pagination<N>;
  /** By field, the values that occur, most frequent first. */
  facets?: Record<string, { value: string | number | boolean; label?: string; count: number }[]>;
  /** By entry id and field, what `q` found, as HTML. */
  highlights?: Record<string, Record<string, string>>;
  /** By entry id: kilometres from the point of `sort: ["place:near(52.5,13.4)"]`, null without a place. */
  distances?: Record<string, number | null>;
  /** By entry id, what you may do with each; with `perspective: "draft"`. */
  can?: Record<string, Can>;
};
