import type { Can } from "./names.ts";
import type { CallOptions, Outcome } from "./call.ts";
import type { BulkAnswer, BulkOperation } from "./bulk.ts";
import type { Aggregate, AggregateQuery, ListQuery, Page, Total, ViewQuery } from "./query.ts";
import type { NewSchedule } from "./new-schedule.ts";
import type { Reference, Schedule } from "./generated/shapes.ts";
import type { MoveTo, OnReference, PublishOptions, UnpublishOptions } from "./publish-options.ts";
import type { LocaleOf, SchemaShape, TypeId } from "./schema.ts";
import type { Restored, Unpublished, Versions } from "./versions.ts";
import type { EntryInput, EntryOf, FieldName, LocaleName, RichTextForm, View } from "./view.ts";

/** How fields are written. */
export type WriteQuery<L extends string> = {
  /** The locale of localised fields; with `*` they take their values by locale. */
  locale?: L | undefined;
  /** Saves a draft that still lacks required fields. */
  allow_incomplete?: boolean | undefined;
};
export type DeleteQuery = {
  /** Refuses when the entry is at another version by now. */
  version?: number | undefined;
  on_reference?: OnReference | undefined;
  /** Leaves nothing in the trash. */
  for_good?: boolean | undefined;
};
/** The slug that was asked for, and the one that the entry has now. */
export type Moved = { from: string; to: string };

/** Where an entry is referred to. */
export type ReferenceTo = Reference;

/** Entries: reading, writing, publishing. */
export type ContentApi<S extends SchemaShape> = {
  /** A page of the entries that match. */
  list<
    T extends TypeId<S>,
    F extends FieldName<S, T> = never,
    I extends string = never,
    R extends RichTextForm = "json",
    L extends LocaleName<S> = LocaleOf<S>,
    N extends Total = true,
  >(
    type: T,
    query?: ListQuery<S, T, F, I, R, L, N>,
    options?: CallOptions,
  ): Promise<Page<View<S, T, F, { include: I; richText: R; locale: L }>, N>>;
  /** A page of the entries of several types in one order; filters and sorts are about fields that all of them have. */
  listSeveral<
    T extends TypeId<S>,
    F extends FieldName<S, T> = never,
    I extends string = never,
    R extends RichTextForm = "json",
    L extends LocaleName<S> = LocaleOf<S>,
  >(
    types: readonly T[],
    query?: Omit<ListQuery<S, T, F, I, R, L>, "page" | "highlight" | "facets" | "total">,
    options?: CallOptions,
  ): Promise<Page<View<S, T, F, { include: I; richText: R; locale: L }>>>;
  /** Every entry of every page, one after the other; `limit` is the size of a page, 100 when absent. */
  iterate<
    T extends TypeId<S>,
    F extends FieldName<S, T> = never,
    I extends string = never,
    R extends RichTextForm = "json",
    L extends LocaleName<S> = LocaleOf<S>,
  >(
    type: T,
    query?: Omit<ListQuery<S, T, F, I, R, L>, "page" | "highlight" | "facets" | "total">,
    options?: CallOptions,
  ): AsyncGenerator<View<S, T, F, { include: I; richText: R; locale: L }>, void, undefined>;
  get<
    T extends TypeId<S>,
    F extends FieldName<S, T> = never,
    I extends string = never,
    R extends RichTextForm = "json",
    L extends LocaleName<S> = LocaleOf<S>,
  >(
    type: T,
    idOrSlug: string,
    /** `version` shows the entry as it was saved then; it takes a token with the scope `write`. */
    query?: ViewQuery<S, T, F, I, R, L> & { version?: number | undefined; min_version?: number | undefined },
    options?: CallOptions,
  ): Promise<View<S, T, F, { include: I; richText: R; locale: L }>>;
  /** As `get`; `moved` says that the entry was published by that slug and has another one now. */
  resolve<
    T extends TypeId<S>,
    F extends FieldName<S, T> = never,
    I extends string = never,
    R extends RichTextForm = "json",
    L extends LocaleName<S> = LocaleOf<S>,
  >(
    type: T,
    slug: string,
    query?: ViewQuery<S, T, F, I, R, L>,
    options?: CallOptions,
  ): Promise<{ entry: View<S, T, F, { include: I; richText: R; locale: L }>; moved: Moved | null }>;
  /** The only entry of a singleton. */
  single<
    T extends TypeId<S>,
    F extends FieldName<S, T> = never,
    I extends string = never,
    R extends RichTextForm = "json",
    L extends LocaleName<S> = LocaleOf<S>,
  >(
    type: T,
    query?: ViewQuery<S, T, F, I, R, L>,
    options?: CallOptions,
  ): Promise<View<S, T, F, { include: I; richText: R; locale: L }>>;
  create<T extends TypeId<S>, L extends LocaleName<S> = LocaleOf<S>>(
    type: T,
    fields: EntryInput<S, T, L> & { id?: string },
    query?: WriteQuery<L>,
    options?: CallOptions,
  ): Promise<EntryOf<S, T>>;
  /** Creates or replaces under an id of your own. */
  put<T extends TypeId<S>, L extends LocaleName<S> = LocaleOf<S>>(
    type: T,
    id: string,
    fields: EntryInput<S, T, L>,
    query?: WriteQuery<L>,
    options?: CallOptions,
  ): Promise<{ entry: EntryOf<S, T>; outcome: Outcome }>;
  /** Changes the given fields; with `version`, a concurrent change is a conflict. */
  update<T extends TypeId<S>, L extends LocaleName<S> = LocaleOf<S>>(
    type: T,
    id: string,
    fields: EntryInput<S, T, L>,
    query?: WriteQuery<L>,
    options?: CallOptions,
  ): Promise<EntryOf<S, T>>;
  /** Moves an entry to the trash. */
  delete(type: TypeId<S>, id: string, query?: DeleteQuery, options?: CallOptions): Promise<void>;
  /** Moves an entry in the manual order of its type, at once also for readers of what is published. */
  move<T extends TypeId<S>>(type: T, id: string, to: MoveTo, options?: CallOptions): Promise<EntryOf<S, T>>;
  publish(id: string, publish?: PublishOptions<S>, options?: CallOptions): Promise<EntryOf<S>>;
  /** Unpublishes an entry; pending publish schedules lose these locales. */
  unpublish(
    id: string,
    unpublish?: UnpublishOptions<S>,
    options?: CallOptions,
  ): Promise<Unpublished<EntryOf<S>>>;
  /** Plans to publish or unpublish at a time to come. */
  schedule(id: string, schedule: NewSchedule<S>, options?: CallOptions): Promise<Schedule>;
  /** Up to 500 operations at once: all or none, unless `atomic` is false. */
  bulk(
    operations: readonly BulkOperation<S>[],
    bulk?: { atomic?: boolean | undefined },
    options?: CallOptions,
  ): Promise<BulkAnswer<S>>;
  /** Duplicates an entry under a new id; `fields` replace its values. */
  duplicate<T extends TypeId<S>>(
    type: T,
    id: string,
    copy?: { id?: string | undefined; fields?: EntryInput<S, T> | undefined },
    options?: CallOptions,
  ): Promise<Restored<EntryOf<S, T>>>;
  /** Your permissions on an entry; NOT_FOUND for one that you may not read as a working copy. */
  can(type: TypeId<S>, id: string, options?: CallOptions): Promise<Can>;
  /** Where an entry is used. */
  references(
    type: TypeId<S>,
    id: string,
    query?: { limit?: number | undefined },
    options?: CallOptions,
  ): Promise<ReferenceTo[]>;
  /** Counts and sums, over all that matches or by group. */
  aggregate<T extends TypeId<S>>(
    type: T,
    query?: AggregateQuery<S, T>,
    options?: CallOptions,
  ): Promise<Aggregate[]>;
  versions: Versions<S>;
};
