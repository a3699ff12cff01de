import type { Ask, CallOptions } from "./call.ts";
import { listOf, type ListOf } from "./cursor-list.ts";
import type { TrashedEntry } from "./generated/shapes.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";
import type { SchemaShape, TypeId } from "./schema.ts";
import { restoredOf, type Restored } from "./versions.ts";
import type { EntryOf, RichTextForm } from "./view.ts";

type TrashQuery<S extends SchemaShape> = {
  type?: TypeId<S> | undefined;
  rich_text?: RichTextForm | undefined;
};

/** What was deleted, last first. */
export type Trash<S extends SchemaShape> = ListOf<TrashedEntry, TrashQuery<S>> & {
  /** Brings an entry back as a draft under its id. */
  restore(id: string, options?: CallOptions): Promise<Restored<EntryOf<S>>>;
  /** Erases an entry from the trash; `on_reference: "keep"` leaves entries that refer to it unchanged. */
  delete(id: string, query?: { on_reference?: "keep" | undefined }, options?: CallOptions): Promise<void>;
};

export const trashOf = <S extends SchemaShape>(ask: Ask): Trash<S> => ({
  ...listOf<TrashedEntry, TrashQuery<S>>(ask, "trash"),
  restore: async (id, options) => restoredOf(await ask("POST", pathOf("trash", id, "restore"), {}, options)),
  delete: async (id, query = {}, options) =>
    void (await ask("DELETE", pathOf("trash", id), { query: queryString(query) }, options)),
});
