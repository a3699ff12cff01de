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
export function listOf<Item, Query = unknown>(ask: Ask, ...steps: string[]): ListOf<Item, Query> {
  return listAt(ask, pathOf(...steps));
}

/** A list that belongs to something with an id. */
export type ListBelow<Item, Query = unknown> = {
  list(id: string, query?: Query & Cursor, options?: CallOptions): Promise<CursorPage<Item>>;
  /** Every one of every page. */
  iterate(id: string, query?: Query & Cursor, options?: CallOptions): AsyncGenerator<Item, void, undefined>;
};

/** The lists at the paths that ids lead to. */
export function listBelow<Item, Query = unknown>(
  ask: Ask,
  pathTo: (id: string) => string,
): ListBelow<Item, Query> {
  return {
    list: (id, query, options) => listAt<Item, Query>(ask, pathTo(id)).list(query, options),
    iterate: (id, query, options) => listAt<Item, Query>(ask, pathTo(id)).iterate(query, options),
  };
}

function listAt<Item, Query>(ask: Ask, path: string): ListOf<Item, Query> {
  const list = async (query: Cursor = {}, options?: CallOptions): Promise<CursorPage<Item>> => {
    const { data, pagination } = (await ask("GET", path, { query: queryString(query) }, options))
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
