// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import { queryString } from "../query-string.ts";
import type { SchemaShape, TypeId } from "../schema.ts";
import type { Standing, NewComment, Comment } from "./shapes.ts";

export type ReviewApi<S extends SchemaShape> = {
  /**
   * Move an entry to a stage. The type says from which stages it can be reached, and who may move an
   * entry there: for others it is `review/not-yours` (403).
   */
  move(
    type: TypeId<S>,
    id: string,
    body: {
      /** The id of a stage of the type. */
      stage: string;
      /** Only if the entry is still at it. */
      version?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Standing>;
  /**
   * Assign an entry. To a person or token, who is told unless it is the one who assigns; `null` takes it
   * back. The type must have a `review`.
   */
  assign(type: TypeId<S>, id: string, assignee: string | null, options?: CallOptions): Promise<Standing>;
  comments: {
    /**
     * Comment on an entry. On the whole entry, or on a `field` of it. Who is mentioned gets a
     * notification.
     */
    create(type: TypeId<S>, id: string, comment: NewComment, options?: CallOptions): Promise<Comment>;
    /** List the comments on an entry. In the order in which they were made, resolved ones too. */
    list(
      type: TypeId<S>,
      id: string,
      query?: {
        limit?: number | undefined;
      },
      options?: CallOptions,
    ): Promise<Comment[]>;
    /** Resolve a comment. Says that it was dealt with, or opens it again. Anybody who may write can. */
    resolve(
      type: TypeId<S>,
      id: string,
      comment: string,
      resolved?: boolean,
      options?: CallOptions,
    ): Promise<Comment>;
    /** Delete a comment. One of your own; an admin may delete any. */
    delete(type: TypeId<S>, id: string, comment: string, options?: CallOptions): Promise<void>;
  };
};

export const reviewOf = <S extends SchemaShape>(ask: Ask): ReviewApi<S> => ({
  move: async (type, id, body, options) =>
    dataOf(await ask("POST", pathOf("content", type, id, "stage"), { body }, options)),
  assign: async (type, id, assignee, options) =>
    dataOf(
      await ask(
        "PUT",
        pathOf("content", type, id, "assignee"),
        { body: { assignee }, isOnce: true },
        options,
      ),
    ),
  comments: {
    create: async (type, id, comment, options) =>
      dataOf(await ask("POST", pathOf("content", type, id, "comments"), { body: comment }, options)),
    list: async (type, id, query = {}, options) =>
      dataOf(
        await ask("GET", pathOf("content", type, id, "comments"), { query: queryString(query) }, options),
      ),
    resolve: async (type, id, comment, resolved, options) =>
      dataOf(
        await ask("PATCH", pathOf("content", type, id, "comments", comment), { body: { resolved } }, options),
      ),
    delete: async (type, id, comment, options) =>
      void (await ask("DELETE", pathOf("content", type, id, "comments", comment), {}, options)),
  },
});
