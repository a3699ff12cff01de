import type { LocaleOf, SchemaShape, TypeId } from "./schema.ts";

/**
 * What happens to references to a deleted or unpublished entry: kept and shown as unavailable, removed,
 * their entries deleted or unpublished too, or pointed to another entry.
 */
export type OnReference = "keep" | "null" | "cascade" | `repoint:${string}`;

export type PublishOptions<S extends SchemaShape> = {
  /** The content type: needed with `-` as the id, the only entry of a singleton. */
  type?: TypeId<S> | undefined;
  /** Publishes this version only: of several calls at once one wins. */
  version?: number | undefined;
  /** All of them when absent. */
  locales?: readonly LocaleOf<S>[] | undefined;
  /** A datetime in the past, for imports. */
  published_at?: string | undefined;
};
/** Where an entry is moved to: before or behind another one, behind all without either. */
export type MoveTo = {
  before?: string | undefined;
  after?: string | undefined;
  /** In a tree: the entry that it comes to stand below; null makes it a root. */
  parent?: string | null | undefined;
  /** Refuses when the entry is at another version by now. */
  version?: number | undefined;
};
export type UnpublishOptions<S extends SchemaShape> = {
  /** The content type: needed with `-` as the id, the only entry of a singleton. */
  type?: TypeId<S> | undefined;
  version?: number | undefined;
  locales?: readonly LocaleOf<S>[] | undefined;
  on_reference?: OnReference | undefined;
};
