import type { KindOf, TargetsOf } from "./field-values.ts";
import type { FieldId, SchemaShape, SingleFieldOfKind, TypeId, ValueOf } from "./schema.ts";

type One<V> = V extends readonly (infer Element)[] ? Element : V;
type IsList<V> = V extends readonly unknown[] ? true : false;

/** The paths inside a component to single values of some kinds, with the parts of those that have some. */
type PathIn<V, Kind> = {
  [F in keyof V & string]: IsList<NonNullable<V[F]>> extends true
    ? never
    : PathOf<F, NonNullable<V[F]>, Kind>;
}[keyof V & string];
type PathOf<F extends string, V, Kind> =
  KindOf<V> extends "component"
    ? `${F}.${PathIn<V, Kind>}`
    : KindOf<V> extends "money"
      ? `${F}.${("decimal" extends Kind ? "amount" : never) | ("text" extends Kind ? "currency" : never)}`
      : KindOf<V> extends Kind
        ? F
        : never;

/** `seo.title`: paths into a type's single components, to single values of some kinds. */
export type InnerPath<S extends SchemaShape, T extends TypeId<S>, Kind> = {
  [F in SingleFieldOfKind<S, T, "component">]: `${F}.${PathIn<ValueOf<S, T, F>, Kind>}`;
}[SingleFieldOfKind<S, T, "component">];

/** As `PathIn`, through lists and blocks too. */
type AnyPathIn<V, Kind> = {
  [F in keyof V & string]: F extends "type" ? never : AnyPathOf<F, One<NonNullable<V[F]>>, Kind>;
}[keyof V & string];
type AnyPathOf<F extends string, V, Kind> = [KindOf<V>] extends ["component"]
  ? "type" extends keyof V
    ? `${F}.${BlockPath<V, Kind>}`
    : `${F}.${AnyPathIn<V, Kind>}`
  : KindOf<V> extends "money"
    ? `${F}.${"text" extends Kind ? "currency" : never}`
    : KindOf<V> extends Kind
      ? F
      : never;
type BlockPath<V, Kind> = V extends { type: infer B extends string } ? `${B}.${AnyPathIn<V, Kind>}` : never;

/** `page.hero.text`: paths into a type's components and blocks, to values of some kinds. */
export type AnyInnerPath<S extends SchemaShape, T extends TypeId<S>, Kind> = {
  [F in FieldId<S, T>]: KindOf<ValueOf<S, T, F>> extends "component"
    ? AnyPathOf<F, One<ValueOf<S, T, F>>, Kind>
    : never;
}[FieldId<S, T>];

/** `author.name`: single values of the entries that a single reference to named types leads to. */
export type PathThrough<S extends SchemaShape, T extends TypeId<S>, Kind> = {
  [F in SingleFieldOfKind<S, T, "reference">]: TargetsOf<ValueOf<S, T, F>> extends infer Target
    ? string extends Target
      ? never
      : Target extends TypeId<S>
        ? `${F}.${SingleFieldOfKind<S, Target, Kind>}`
        : never
    : never;
}[SingleFieldOfKind<S, T, "reference">];
