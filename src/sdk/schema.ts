import type { KindOf, TargetsOf } from "./field-values.ts";

/**
 * What `flow types` writes: the locales of an environment, by id the fields of each content type, and
 * the types that its back references lead to.
 */
export type SchemaShape = { locale: string; types: object; back_references?: object };

/** The schema of a client without one: any type and field is allowed. */
export type AnySchema = { locale: any; types: any; back_references: any };

export type IsLoose<S extends SchemaShape> = string extends keyof S["types"] ? true : false;
export type LocaleOf<S extends SchemaShape> = IsLoose<S> extends true ? string : S["locale"];
/** The ids of a schema's content types. */
export type TypeId<S extends SchemaShape> = keyof S["types"] & string;
/** The ids of a type's fields. */
export type FieldId<S extends SchemaShape, T extends TypeId<S>> = keyof S["types"][T] & string;
/** The value of a field, without null. */
export type ValueOf<S extends SchemaShape, T extends TypeId<S>, F> = F extends keyof S["types"][T]
  ? NonNullable<S["types"][T][F]>
  : never;
/** The fields of a type whose values are of some kinds. */
export type FieldOfKind<S extends SchemaShape, T extends TypeId<S>, Kind> = {
  [F in FieldId<S, T>]: KindOf<ValueOf<S, T, F>> extends Kind ? F : never;
}[FieldId<S, T>];
/** As `FieldOfKind`, with one value only. */
export type SingleFieldOfKind<S extends SchemaShape, T extends TypeId<S>, Kind> = {
  [F in FieldOfKind<S, T, Kind>]: ValueOf<S, T, F> extends readonly unknown[] ? never : F;
}[FieldOfKind<S, T, Kind>];
/** The types that a reference field leads to: all of them when it names none. */
export type TargetId<S extends SchemaShape, V> =
  string extends TargetsOf<V> ? TypeId<S> : Extract<TargetsOf<V>, TypeId<S>>;

/** The back references of a type: by name the type that each leads to. */
export type ListsOf<S extends SchemaShape, T> = S extends { back_references: infer Lists }
  ? T extends keyof Lists
    ? Lists[T]
    : NoLists
  : NoLists;
type NoLists = Record<never, never>;
/** The names of a type's back references. */
export type ListName<S extends SchemaShape, T> = keyof ListsOf<S, T> & string;
/** The type that a back reference leads to. */
export type ListedId<S extends SchemaShape, T, N> = N extends keyof ListsOf<S, T>
  ? Extract<ListsOf<S, T>[N], TypeId<S>>
  : never;

export type TimeName = "created_at" | "updated_at" | "published_at";
/** What every entry has. */
export type EntryFacts<Type extends string = string, Locale extends string = string> = {
  id: string;
  type: Type;
  locale: Locale;
  version: number;
  status: "draft" | "published" | "changed";
  published_at: string | null;
  created_at: string;
  updated_at: string;
  /** The rest is only in working copies. */
  published_version?: number | null;
  published_locales?: Record<string, number> | null;
  created_by?: string;
  updated_by?: string;
  stage?: string | null;
  assignee?: string | null;
};
/** An entry of a client without a schema: the common properties, next to the fields of its type. */
export type Entry = EntryFacts & { [field: string]: unknown };
