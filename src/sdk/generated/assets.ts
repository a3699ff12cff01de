// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, type Outcome, dataOf, outcomeOf } from "../call.ts";
import { type ListOf, listOf } from "../cursor-list.ts";
import { pathOf } from "../path.ts";
import { queryString } from "../query-string.ts";
import type { RemoteAsset, Asset } from "./shapes.ts";

export type Assets = {
  /**
   * Create or replace an asset. Under an id that you choose, so that it is safe to repeat: an equal
   * asset changes nothing and answers `X-Flow-Unchanged: true`.
   */
  put(
    id: string,
    body: RemoteAsset | { [name: string]: unknown },
    options?: CallOptions,
  ): Promise<{ asset: Asset; outcome: Outcome }>;
  /** Create an asset. Under a new id: an uploaded file of up to 32 MiB, or the address of one elsewhere. */
  create(body: RemoteAsset, options?: CallOptions): Promise<Asset>;
  list: ListOf<Asset>["list"];
  iterate: ListOf<Asset>["iterate"];
  /** Get an asset. What is known about it. Kept at the edge until the asset changes. */
  get(id: string, options?: CallOptions): Promise<Asset>;
  /**
   * Delete an asset. When entries show it that is a conflict that lists them; with `force=true` it goes
   * all the same, and they say that it is unavailable.
   */
  delete(
    id: string,
    query?: {
      /** Whether it goes although entries show it. */
      force?: boolean | undefined;
    },
    options?: CallOptions,
  ): Promise<void>;
};

export const assetsOf = (ask: Ask): Assets => ({
  put: async (id, body, options) => {
    const answer = await ask("PUT", pathOf("assets", id), { body }, options);
    return { asset: dataOf(answer), outcome: outcomeOf(answer) };
  },
  create: async (body, options) => dataOf(await ask("POST", pathOf("assets"), { body }, options)),
  ...listOf<Asset>(ask, "assets"),
  get: async (id, options) => dataOf(await ask("GET", pathOf("assets", id), {}, options)),
  delete: async (id, query = {}, options) =>
    void (await ask("DELETE", pathOf("assets", id), { query: queryString(query) }, options)),
});
