// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import { queryString } from "../query-string.ts";
import type { Me, Explanation } from "./shapes.ts";

export type AccessApi = {
  /** Who am I. Whose token this is, and what it may do: for user interfaces. Needs no permission. */
  me(options?: CallOptions): Promise<Me>;
  /**
   * Explain a decision. Whether somebody may do something, which grant decides it, and why the others do
   * not. About others than yourself it needs `access:read`.
   */
  explain(
    query: {
      /** Who: `me`, `user:usr_…`, `token:tok_…` or `role:editor`. Others than `me` need `access:read`. */
      subject?: string | undefined;
      /** A permission, such as `content:publish`. */
      action: string;
      /** What: `entry:cnt_…` or `type:article`; nothing for what is not content. */
      resource?: string | undefined;
      /** A field of it. */
      field?: string | undefined;
      /** In a locale; the entry as a whole when absent. */
      locale?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<Explanation>;
};

export const accessOf = (ask: Ask): AccessApi => ({
  me: async (options) => dataOf(await ask("GET", pathOf("access", "me"), {}, options)),
  explain: async (query, options) =>
    dataOf(await ask("GET", pathOf("access", "explain"), { query: queryString(query) }, options)),
});
