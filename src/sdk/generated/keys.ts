// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewKey, IssuedKey, Key } from "./shapes.ts";

export type Keys = {
  /**
   * Trust a public key. JWTs signed by its holder are let in. They carry `tid` (the tenant), `aud`
   * (`flowcms`), `sub` (who it is), `scope`, and an `exp` within an hour.
   */
  create(key: NewKey, options?: CallOptions): Promise<IssuedKey>;
  /** List trusted keys. The public keys that are trusted now. */
  list(options?: CallOptions): Promise<Key[]>;
  /** Stop trusting a key. Its JWTs are refused within ten seconds. */
  revoke(kid: string, options?: CallOptions): Promise<void>;
};

export const keysOf = (ask: Ask): Keys => ({
  create: async (key, options) => dataOf(await ask("POST", pathOf("keys"), { body: key }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("keys"), {}, options)),
  revoke: async (kid, options) => void (await ask("DELETE", pathOf("keys", kid), {}, options)),
});
