import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";

/** What a token may do; each contains the ones before it. */
export type Scope = "read" | "write" | "admin";
export type NewToken = {
  name: string;
  scope: Scope;
  /** The only environment it sees. */
  environment?: string | undefined;
  expires_at?: string | undefined;
};
/** A new token: `token` is shown this once. */
export type MadeToken = NewToken & { id: string; created_at: string; token: string };
export type Token = {
  id: string;
  name: string;
  scope: Scope;
  environment: string | null;
  created_at: string;
  created_by: string;
  expires_at: string | null;
};

/** API tokens. */
export type Tokens = {
  list(options?: CallOptions): Promise<Token[]>;
  create(token: NewToken, options?: CallOptions): Promise<MadeToken>;
  /** Refused everywhere within ten seconds. */
  revoke(id: string, options?: CallOptions): Promise<void>;
};

export const tokensOf = (ask: Ask): Tokens => ({
  list: async (options) => dataOf(await ask("GET", pathOf("tokens"), {}, options)),
  create: async (token, options) => dataOf(await ask("POST", pathOf("tokens"), { body: token }, options)),
  revoke: async (id, options) => void (await ask("DELETE", pathOf("tokens", id), {}, options)),
});
