// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, type Outcome, dataOf, outcomeOf } from "../call.ts";
import { pathOf } from "../path.ts";
import { queryString } from "../query-string.ts";
import type { TypeDefinition, ContentType } from "./shapes.ts";

export type Types = {
  /** Create a content type. Refused when the id is taken: a type is changed by PUT. */
  create(body: TypeDefinition | { [name: string]: unknown }, options?: CallOptions): Promise<ContentType>;
  /**
   * Create or replace a content type. Safe to repeat: an equal definition changes nothing and answers
   * `X-Flow-Unchanged: true`. A change that working copies or what is published violate is a conflict
   * whose `details` name entry, perspective, locale and path. Removing fields or blocks that hold
   * values, inside components too, or making them another kind of field needs `allow_data_loss=true`.
   */
  put(
    id: string,
    body: TypeDefinition | { [name: string]: unknown },
    query?: {
      /** `true` lets values go with their fields and blocks, or with the kind of their field. */
      allow_data_loss?: boolean | undefined;
      /** The version that you read; another one is a conflict. `0`: there must be none yet. */
      version?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<{ type: ContentType; outcome: Outcome }>;
  /** List content types. Every content type of the environment by id, 300 at most. */
  list(options?: CallOptions): Promise<ContentType[]>;
  /** Get a content type. The definition as it is stored, with its version. */
  get(id: string, options?: CallOptions): Promise<ContentType>;
  /** Delete a content type. Only a type without entries can be deleted; those in the trash do not count. */
  delete(id: string, options?: CallOptions): Promise<void>;
};

export const typesOf = (ask: Ask): Types => ({
  create: async (body, options) => dataOf(await ask("POST", pathOf("types"), { body }, options)),
  put: async (id, body, query = {}, options) => {
    const answer = await ask(
      "PUT",
      pathOf("types", id),
      { body, query: queryString(query), isOnce: query.version !== undefined },
      options,
    );
    return { type: dataOf(answer), outcome: outcomeOf(answer) };
  },
  list: async (options) => dataOf(await ask("GET", pathOf("types"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("types", id), {}, options)),
  delete: async (id, options) => void (await ask("DELETE", pathOf("types", id), {}, options)),
});
