import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";

export type GrantType =
  | "authorization_code"
  | "refresh_token"
  | "client_credentials"
  | "urn:ietf:params:oauth:grant-type:device_code";
export type NewOAuthClient = {
  name: string;
  /** Whether it can keep a secret; true when absent. */
  confidential?: boolean;
  grants: GrantType[];
  redirect_uris?: string[];
  scopes?: string[];
  roles?: string[];
};
/** An application that gets tokens from the tenant's authorisation server. */
export type OAuthClient = Required<NewOAuthClient> & { id: string; created_at: string; created_by: string };
/** A key that the tenant's tokens are signed with. */
export type IssuerKey = {
  kid: string;
  alg: "ES256";
  state: "next" | "active" | "retired";
  created_at: string;
  active_at: string | null;
  retired_at: string | null;
};

/** OAuth clients and the issuer's keys. */
export type OAuth = {
  clients(options?: CallOptions): Promise<OAuthClient[]>;
  /** `secret` is in this answer only. */
  createClient(client: NewOAuthClient, options?: CallOptions): Promise<OAuthClient & { secret?: string }>;
  updateClient(
    id: string,
    change: Partial<Omit<NewOAuthClient, "confidential">>,
    options?: CallOptions,
  ): Promise<OAuthClient>;
  renewSecret(id: string, options?: CallOptions): Promise<{ id: string; secret: string }>;
  deleteClient(id: string, options?: CallOptions): Promise<void>;
  keys(options?: CallOptions): Promise<IssuerKey[]>;
  /** The next key signs from now on; `force` does not wait until it was published for a day. */
  rotateKeys(how?: { force?: boolean }, options?: CallOptions): Promise<IssuerKey[]>;
};

export const oauthOf = (ask: Ask): OAuth => ({
  clients: async (options) => dataOf(await ask("GET", pathOf("oauth", "clients"), {}, options)),
  createClient: async (body, options) =>
    dataOf(await ask("POST", pathOf("oauth", "clients"), { body }, options)),
  updateClient: async (id, body, options) =>
    dataOf(await ask("PATCH", pathOf("oauth", "clients", id), { body }, options)),
  renewSecret: async (id, options) =>
    dataOf(await ask("POST", pathOf("oauth", "clients", id, "secret"), {}, options)),
  deleteClient: async (id, options) =>
    void (await ask("DELETE", pathOf("oauth", "clients", id), {}, options)),
  keys: async (options) => dataOf(await ask("GET", pathOf("oauth", "keys"), {}, options)),
  rotateKeys: async ({ force } = {}, options) =>
    dataOf(
      await ask("POST", pathOf("oauth", "keys", "rotate"), force ? { query: "force=true" } : {}, options),
    ),
});
