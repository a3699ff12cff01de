// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewToken, IssuedToken, Token } from "./shapes.ts";

export type Tokens = {
  /** Create a token. The answer is the only place where the token itself is shown: it is kept as a hash. */
  create(token: NewToken, options?: CallOptions): Promise<IssuedToken>;
  /** List tokens. Those that are not revoked, without their secrets. */
  list(options?: CallOptions): Promise<Token[]>;
  /** Revoke a token. It is refused at every edge within ten seconds. */
  revoke(id: string, options?: CallOptions): Promise<void>;
};

export const tokensOf = (ask: Ask): Tokens => ({
  create: async (token, options) => dataOf(await ask("POST", pathOf("tokens"), { body: token }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("tokens"), {}, options)),
  revoke: async (id, options) => void (await ask("DELETE", pathOf("tokens", id), {}, options)),
});
