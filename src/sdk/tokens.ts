import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";

/** The most a token may do: `write` contains `read`, `admin` contains all others. */
export type Scope = "read" | "write" | "admin" | "sso_admin";
export type NewToken = {
  name: string;
  scope: Scope;
  /** The only environment it sees. */
  environment?: string | undefined;
  expires_at?: string | undefined;
  /** A role that narrows what the scope holds. */
  role?: string | undefined;
  /** The only content types it is for. */
  content_types?: readonly string[] | undefined;
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
  role: string | null;
  content_types: string[] | null;
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
