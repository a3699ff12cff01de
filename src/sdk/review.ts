import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";
import type { SchemaShape, TypeId } from "./schema.ts";

/** Where an entry stands in its review. */
export type Standing = { id: string; type: string; version: number; stage: string; assignee: string | null };

/** What somebody said about an entry. */
export type Comment = {
  id: string;
  entry: string;
  field: string | null;
  body: string;
  mentions: string[];
  created_at: string;
  created_by: string;
  resolved_at: string | null;
  resolved_by: string | null;
};
export type NewComment = {
  body: string;
  /** The field it is about, such as `title` or `body.content[2]`; the whole entry when absent. */
  field?: string | undefined;
  /** Ids of people and tokens who are to be told. */
  mentions?: readonly string[] | undefined;
};

/** The review of entries. */
export type ReviewApi<S extends SchemaShape> = {
  /** Moves an entry to another stage of its type's review. */
  move(
    type: TypeId<S>,
    id: string,
    move: { stage: string; version?: number | undefined },
    options?: CallOptions,
  ): Promise<Standing>;
  /** Gives an entry to somebody to work on; null takes it back. */
  assign(type: TypeId<S>, id: string, assignee: string | null, options?: CallOptions): Promise<Standing>;
  comments: {
    list(
      type: TypeId<S>,
      id: string,
      query?: { limit?: number | undefined },
      options?: CallOptions,
    ): Promise<Comment[]>;
    create(type: TypeId<S>, id: string, comment: NewComment, options?: CallOptions): Promise<Comment>;
    /** Marks a comment as dealt with, or open again. */
    resolve(
      type: TypeId<S>,
      id: string,
      comment: string,
      resolved?: boolean,
      options?: CallOptions,
    ): Promise<Comment>;
    delete(type: TypeId<S>, id: string, comment: string, options?: CallOptions): Promise<void>;
  };
};

export function reviewOf<S extends SchemaShape>(ask: Ask): ReviewApi<S> {
  const at = (type: string, id: string, ...rest: string[]) => pathOf("content", type, id, ...rest);
  return {
    move: async (type, id, move, options) =>
      dataOf(await ask("POST", at(type, id, "stage"), { body: move }, options)),
    assign: async (type, id, assignee, options) =>
      dataOf(await ask("PUT", at(type, id, "assignee"), { body: { assignee }, isOnce: true }, options)),
    comments: {
      list: async (type, id, query = {}, options) =>
        dataOf(await ask("GET", at(type, id, "comments"), { query: queryString(query) }, options)),
      create: async (type, id, comment, options) =>
        dataOf(await ask("POST", at(type, id, "comments"), { body: comment }, options)),
      resolve: async (type, id, comment, resolved = true, options) =>
        dataOf(await ask("PATCH", at(type, id, "comments", comment), { body: { resolved } }, options)),
      delete: async (type, id, comment, options) =>
        void (await ask("DELETE", at(type, id, "comments", comment), {}, options)),
    },
  };
}
