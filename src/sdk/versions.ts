import { dataOf, type Answer, type Ask, type CallOptions } from "./call.ts";
import type { EntryVersion, LeftOut } from "./generated/shapes.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";
import type { SchemaShape, TypeId } from "./schema.ts";
import type { EntryOf, RichTextForm } from "./view.ts";

/** One value that differs; `path` is such as `title.fr` or `body.content[2]`. */
export type Difference =
  | { path: string; change: "added"; to: unknown }
  | { path: string; change: "removed"; from: unknown }
  | { path: string; change: "changed"; from: unknown; to: unknown };

type Form = { rich_text?: RichTextForm | undefined };

/** An entry that came back, and what of it was left out. */
export type Restored<E> = E & { left_out: LeftOut[] };

/** The entry of a response, with the values that were left out. */
export function restoredOf<E>(answer: Answer): Restored<E> {
  const { data, left_out } = answer.body as { data: E; left_out: LeftOut[] };
  return { ...data, left_out };
}

/**
 * An entry that was taken out of delivery: which plans to publish it were cancelled, and which are
 * pending still.
 */
export type Unpublished<E> = E & { cancelled_schedules: string[]; remaining_schedules: string[] };

export function unpublishedOf<E>(answer: Answer): Unpublished<E> {
  const { data, cancelled_schedules, remaining_schedules } = answer.body as Unpublished<{ data: E }>;
  return { ...data, cancelled_schedules, remaining_schedules };
}

/** The versions of an entry. */
export type Versions<S extends SchemaShape> = {
  /** Newest first; only versions before `before`. */
  list(
    type: TypeId<S>,
    id: string,
    query?: { limit?: number | undefined; before?: number | undefined } & Form,
    options?: CallOptions,
  ): Promise<EntryVersion[]>;
  get(
    type: TypeId<S>,
    id: string,
    version: number,
    query?: Form,
    options?: CallOptions,
  ): Promise<EntryVersion>;
  /** What turns one version into another. */
  diff(
    type: TypeId<S>,
    id: string,
    between: { from: number; to: number } & Form,
    options?: CallOptions,
  ): Promise<Difference[]>;
  /** Makes a version the working copy again; `current` is the expected current version. */
  restore<T extends TypeId<S>>(
    type: T,
    id: string,
    version: number,
    restore?: { current?: number | undefined },
    options?: CallOptions,
  ): Promise<Restored<EntryOf<S, T>>>;
  /** Names a version, which exempts it from expiry; null removes the name. */
  name(
    type: TypeId<S>,
    id: string,
    version: number,
    name: string | null,
    options?: CallOptions,
  ): Promise<EntryVersion>;
};

/** `If-Match` for a version. */
export const ifMatch = (version: number | undefined): Record<string, string> =>
  version === undefined ? {} : { "if-match": `"${version}"` };

export function versionsOf<S extends SchemaShape>(ask: Ask): Versions<S> {
  const at = (type: string, id: string, ...rest: (string | number)[]) => pathOf("content", type, id, ...rest);
  return {
    list: async (type, id, query = {}, options) =>
      dataOf(await ask("GET", at(type, id, "versions"), { query: queryString(query) }, options)),
    get: async (type, id, version, query = {}, options) =>
      dataOf(await ask("GET", at(type, id, "versions", version), { query: queryString(query) }, options)),
    diff: async (type, id, between, options) =>
      dataOf(await ask("GET", at(type, id, "diff"), { query: queryString(between) }, options)),
    restore: async (type, id, version, { current } = {}, options) =>
      restoredOf(
        await ask("POST", at(type, id, "restore"), { body: { version }, headers: ifMatch(current) }, options),
      ),
    name: async (type, id, version, name, options) =>
      dataOf(await ask("PUT", at(type, id, "versions", version), { body: { name } }, options)),
  };
}
