import type { WriteNote } from "./generated/shapes.ts";
import type { ErrorDetail } from "./errors.ts";
import type { IsLoose, LocaleOf, SchemaShape, TypeId } from "./schema.ts";
import type { EntryInput, EntryOf, LocaleName } from "./view.ts";

type Write<S extends SchemaShape, T> =
  T extends TypeId<S>
    ? {
        op: "create" | "put" | "update";
        type: T;
        /** A new one when absent. */
        id?: string;
        version?: number;
        locale?: LocaleName<S>;
        allow_incomplete?: boolean;
        fields: EntryInput<S, T, LocaleName<S>>;
      }
    : never;

/** One operation of a bulk. */
export type BulkOperation<S extends SchemaShape> =
  | (IsLoose<S> extends true ? Write<S, string> : Write<S, TypeId<S>>)
  | {
      op: "publish";
      /** `-` is the only entry of a singleton, with its `type`. */
      id: string;
      type?: TypeId<S>;
      version?: number;
      locales?: readonly LocaleOf<S>[];
      published_at?: string;
    }
  | {
      op: "unpublish";
      id: string;
      type?: TypeId<S>;
      version?: number;
      locales?: readonly LocaleOf<S>[];
      on_reference?: "keep";
    }
  | { op: "delete"; type: TypeId<S>; id: string; version?: number; on_reference?: "keep" }
  | {
      op: "move";
      type: TypeId<S>;
      id: string;
      version?: number;
      before?: string;
      after?: string;
      /** In a tree; null makes it a root. */
      parent?: string | null;
    };

/** What became of one operation; `index` is its place in the bulk. */
export type BulkItem<S extends SchemaShape> = { index: number; id: string } & (
  | {
      outcome: "created" | "updated" | "unchanged" | "published" | "unpublished" | "deleted" | "moved";
      entry?: EntryOf<S>;
      /** Plans to publish that went along with unpublishing. */
      cancelled_schedules?: string[];
      /** The parts of the HTML that were removed. */
      notes?: WriteNote[];
    }
  | { outcome: "failed"; error: { code: string; reason: string; message: string; details: ErrorDetail[] } }
);
export type BulkAnswer<S extends SchemaShape> = {
  atomic: boolean;
  succeeded: number;
  failed: number;
  items: BulkItem<S>[];
};
