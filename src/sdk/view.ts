import type { IncludedAsset } from "./assets.ts";
import type { InputOf, KindOf, Rendered, TargetsOf } from "./field-values.ts";
import type {
  Entry,
  EntryFacts,
  FieldId,
  FieldOfKind,
  IsLoose,
  ListedId,
  ListName,
  LocaleOf,
  SchemaShape,
  TargetId,
  TypeId,
  ValueOf,
} from "./schema.ts";

/** The format of rich text. */
export type RichTextForm = "json" | "html" | "text";
/** A locale of the schema; `*` means all locales. */
export type LocaleName<S extends SchemaShape> = LocaleOf<S> | "*";
/** What `fields` may name. */
export type FieldName<S extends SchemaShape, T extends TypeId<S>> =
  IsLoose<S> extends true
    ? string
    :
        | FieldId<S, T>
        | Exclude<keyof EntryFacts, "published_locales" | "stage" | "assignee">
        | `${FieldOfKind<S, T, "component" | "reference" | "media">}.${string}`;

/** The entries above and below one in a tree, whose entries have children. */
type Relative<S extends SchemaShape, T extends TypeId<S>> =
  "children" extends ListName<S, T> ? "ancestors" | "descendants" : never;
type IncludeField<S extends SchemaShape, T extends TypeId<S>> = FieldOfKind<S, T, "reference" | "media">;
/** Of some paths those that lead somewhere; what lies below a reference to any type is not looked at. */
type ValidPath<
  S extends SchemaShape,
  T extends TypeId<S>,
  I extends string,
> = I extends `${infer Head}.${infer Rest}`
  ? Head extends Relative<S, T>
    ? `${Head}.${PathFrom<S, T, Rest>}`
    : Head extends ListName<S, T>
      ? `${Head}.${PathFrom<S, ListedId<S, T, Head>, Rest>}`
      : Head extends FieldOfKind<S, T, "reference">
        ? string extends TargetsOf<ValueOf<S, T, Head>>
          ? I
          : `${Head}.${PathFrom<S, TargetId<S, ValueOf<S, T, Head>>, Rest>}`
        : never
  : I extends IncludeField<S, T> | ListName<S, T> | Relative<S, T>
    ? I
    : never;
type PathFrom<S extends SchemaShape, T, I extends string> = T extends TypeId<S> ? ValidPath<S, T, I> : never;

/** What `include` takes: reference and media fields and back references, and by dots what lies below them, three deep. */
export type Include<S extends SchemaShape, T extends TypeId<S>, I extends string> = readonly I[] &
  (IsLoose<S> extends true
    ? unknown
    : [I] extends [ValidPath<S, T, I>]
      ? unknown
      : readonly (IncludeField<S, T> | ListName<S, T> | Relative<S, T>)[]);

/** What an included reference shows when its target is not published or was deleted. */
export type Unavailable = { id: string; status: "unavailable" };

type FirstStep<I extends string> = I extends `${infer Head}.${string}` ? Head : I;
type NextSteps<I extends string, F extends string> = I extends `${F}.${infer Rest}` ? Rest : never;

/** How a query wants its entries: what is included, how rich text is shown, in which locale. */
export type Shape = { include: string; richText: RichTextForm; locale: string };
type Deeper<Q extends Shape, F extends string> = {
  include: NextSteps<Q["include"], F>;
  richText: Q["richText"];
  locale: Q["locale"];
};

type Shown<S extends SchemaShape, V, F extends string, Q extends Shape> = V extends null
  ? null
  : F extends FirstStep<Q["include"]>
    ? V extends readonly (infer Element)[]
      ? Target<S, Element, Deeper<Q, F>>[]
      : Target<S, V, Deeper<Q, F>>
    : Q["richText"] extends "json"
      ? V
      : Rendered<V>;
type Target<S extends SchemaShape, V, Q extends Shape> =
  KindOf<V> extends "media" ? IncludedAsset | Unavailable : WholeView<S, TargetId<S, V>, Q> | Unavailable;
type InLocale<S extends SchemaShape, V, Q extends Shape> = "*" extends Q["locale"]
  ? V | { [L in LocaleOf<S>]?: V }
  : V;

/** The entries of a back reference: the first of them, and the cursor of a list that is filtered by it. */
export type Related<Shown> = {
  data: Shown[];
  total: number;
  /** There may be more than `total`: counting stopped there. */
  total_capped?: true;
  next_cursor: string | null;
};
type Lists<S extends SchemaShape, T, Q extends Shape> = {
  [N in ListName<S, T> as N extends FirstStep<Q["include"]> ? N : never]: Related<
    WholeView<S, ListedId<S, T, N>, Deeper<Q, N>>
  >;
};

type WholeView<S extends SchemaShape, T, Q extends Shape> =
  T extends TypeId<S>
    ? EntryFacts<T, Q["locale"]> & {
        [F in FieldId<S, T>]: InLocale<S, Shown<S, S["types"][T][F], F, Q>, Q>;
      } & Lists<S, T, Q> & {
          [R in RelativeIn<S, T, Q>]: WholeView<S, T, Deeper<Q, R>>[];
        }
    : never;
type RelativeIn<S extends SchemaShape, T extends TypeId<S>, Q extends Shape> = Extract<
  FirstStep<Q["include"]>,
  Relative<S, T>
>;
/** What `fields` chooses: whole values by their names, and by paths what is inside of them. */
type Chosen<S extends SchemaShape, T, F extends string, Q extends Shape> =
  T extends TypeId<S>
    ? {
        [K in keyof WholeView<S, T, Q> as K extends F | FirstStep<F> | "id" ? K : never]: K extends F | "id"
          ? WholeView<S, T, Q>[K]
          : InLocale<S, Picked<S, S["types"][T][K & FieldId<S, T>], NextSteps<F, K & string>, Q>, Q>;
      }
    : never;
type Picked<S extends SchemaShape, V, F extends string, Q extends Shape> = V extends null
  ? null
  : V extends readonly (infer Element)[]
    ? PickedOne<S, Element, F, Q>[]
    : PickedOne<S, V, F, Q>;
type PickedOne<S extends SchemaShape, V, F extends string, Q extends Shape> =
  KindOf<V> extends "reference"
    ?
        | (Chosen<S, TargetId<S, V>, F | "type", Q> & ("status" extends F ? unknown : { status?: undefined }))
        | Unavailable
    : KindOf<V> extends "media"
      ? ({ id: string } & Partial<IncludedAsset>) | Unavailable
      : "type" extends keyof V
        ? Pick<V, "type"> & Partial<V>
        : {
            [K in keyof V as K extends FirstStep<F> ? K : never]: K extends F
              ? V[K]
              : Picked<S, V[K], NextSteps<F, K & string>, Q>;
          };

/**
 * An entry as a query shows it: only the `fields` chosen, references filled in where `include` names
 * them.
 */
export type View<
  S extends SchemaShape,
  T extends TypeId<S>,
  F extends string = never,
  Q extends Shape = Plain<S>,
> =
  IsLoose<S> extends true
    ? Entry
    : [F] extends [never]
      ? WholeView<S, T, Q>
      : Chosen<S, T, F | (keyof Lists<S, T, Q> & string) | RelativeIn<S, T, Q>, Q>;
type Plain<S extends SchemaShape> = { include: never; richText: "json"; locale: LocaleOf<S> };

/** An entry of a type as it is without a query: what `create`, `update` and `publish` answer. */
export type EntryOf<S extends SchemaShape, T extends TypeId<S> = TypeId<S>> = View<S, T>;

/** What may be written into an entry; with `locale: "*"` a localised field takes its values by locale. */
export type EntryInput<S extends SchemaShape, T extends TypeId<S>, L extends string = LocaleOf<S>> =
  IsLoose<S> extends true
    ? { [field: string]: unknown }
    : {
        [F in FieldId<S, T>]?:
          | InputOf<S["types"][T][F]>
          | ("*" extends L ? { [Code in LocaleOf<S>]?: InputOf<S["types"][T][F]> | null } : never)
          | null;
      } & {
        /** The version this change was made from: somebody else's in between is a conflict. */
        version?: number;
        created_at?: string;
      };
