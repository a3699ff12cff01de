import type { LocaleOf, SchemaShape, TypeId } from "./schema.ts";

/** A publishing or unpublishing to be planned. */
export type NewSchedule<S extends SchemaShape> = {
  /** The content type: needed with `-` as the id, the only entry of a singleton. */
  type?: TypeId<S> | undefined;
  /** `publish` when absent. */
  action?: "publish" | "unpublish" | undefined;
  /** With an offset, or without one in `time_zone`. */
  at: string;
  /** Such as `Europe/Paris`; UTC when absent. */
  time_zone?: string | undefined;
  locales?: readonly LocaleOf<S>[] | undefined;
  /** Only if the entry is still at this version then. */
  version?: number | undefined;
};
