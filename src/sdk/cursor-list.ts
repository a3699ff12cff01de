import type { Ask, CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";

/** The position in a list. */
export type Cursor = { limit?: number | undefined; cursor?: string | undefined };
/** A page of a list with cursors. */
export type CursorPage<Item> = {
  data: Item[];
  pagination: { per_page: number; next_cursor: string | null };
};

/** A list by page, and as a whole. */
export type ListOf<Item, Query = unknown> = {
  list(query?: Query & Cursor, options?: CallOptions): Promise<CursorPage<Item>>;
  /** Every one of every page. */
  iterate(query?: Query & Cursor, options?: CallOptions): AsyncGenerator<Item, void, undefined>;
};

/** The list at a path. */
export function listOf<Item, Query = unknown>(ask: Ask, step: string): ListOf<Item, Query> {
  const list = async (query: Cursor = {}, options?: CallOptions): Promise<CursorPage<Item>> => {
    const { data, pagination } = (await ask("GET", pathOf(step), { query: queryString(query) }, options))
      .body as CursorPage<Item>;
    return { data, pagination };
  };
  return {
    list,
    async *iterate(query, options) {
      for (let next: Cursor = {}; ;) {
        const { data, pagination } = await list({ ...query, ...next }, options);
        yield* data;
        if (pagination.next_cursor === null) return;
        next = { cursor: pagination.next_cursor };
      }
    },
  };
}
