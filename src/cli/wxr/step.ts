import type { WxrMeta } from "./read-wxr.ts";

/** One thing to write, after what it refers to. */
export type Step = {
  kind: string;
  sourceId: string;
  title: string;
  id: string;
  fields: Record<string, unknown>;
  refs: Ref[];
  /** When WordPress published it; undefined for what stays a draft. */
  publishedAt?: string | undefined;
  /** Things that become part of its values, and are counted like it. */
  holds?: { kind: string; count: number };
  /** The file only mentions it: where it is there already it stays as it is. */
  isMentioned?: boolean;
  /** The first of the slugs that were tried, where it was taken. */
  wantedSlug?: string;
};
/** A reference in a field; `what` is what a person calls its target. */
export type Ref = { field: string; id: string; what: string };
export type Say = (reason: string) => void;

/** What an earlier import brought in from another file of the same site. */
export type Wanted = {
  kind: "asset" | "page" | "post" | "category" | "tag";
  by: "number" | "slug" | "url";
  key: string;
};
export type Elsewhere = (wanted: Wanted) => string | undefined;

/** Items without a date are published with the earliest date. */
export const EPOCH = "1970-01-01T00:00:00.000Z";

/** Values by key; a key that is there several times has a list of them. */
export function metaOf(meta: WxrMeta[]): Record<string, string | string[]> | null {
  const values = new Map<string, string | string[]>();
  for (const { key, value } of meta) {
    const before = values.get(key);
    if (key !== "") values.set(key, before === undefined ? value : [before, value].flat());
  }
  return values.size > 0 ? Object.fromEntries(values) : null;
}
