// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import { queryString } from "../query-string.ts";
import type { NewClient, IssuedClient, OAuthClient, ClientChange, IssuerKey } from "./shapes.ts";

export type OAuth = {
  /** Register a client. Its secret is shown in this answer only: it is kept as a hash. */
  createClient(client: NewClient, options?: CallOptions): Promise<IssuedClient>;
  /** List clients. Without their secrets. */
  clients(options?: CallOptions): Promise<OAuthClient[]>;
  /** Change a client. Its secret stays. */
  updateClient(id: string, change: ClientChange, options?: CallOptions): Promise<OAuthClient>;
  /** Renew a client's secret. The old one works no more. A client without a secret is not found. */
  renewSecret(
    id: string,
    options?: CallOptions,
  ): Promise<{
    id: string;
    /** The `client_secret`. This answer is the only place that ever shows it. */
    secret: string;
  }>;
  /** Delete a client. Its tokens are refused within ten seconds, and what people allowed it is over. */
  deleteClient(id: string, options?: CallOptions): Promise<void>;
  /**
   * Rotate the issuer's keys. The next key signs from now on; the one that did is published until what
   * it signed has expired. A key must have been published for a day, unless forced.
   */
  rotateKeys(
    query?: {
      /** Whether not to wait: when the active key may have been seen. */
      force?: boolean | undefined;
    },
    options?: CallOptions,
  ): Promise<IssuerKey[]>;
  /** List the issuer's keys. With their states; their public halves are at `/.well-known/jwks.json`. */
  keys(options?: CallOptions): Promise<IssuerKey[]>;
};

export const oauthOf = (ask: Ask): OAuth => ({
  createClient: async (client, options) =>
    dataOf(await ask("POST", pathOf("oauth", "clients"), { body: client }, options)),
  clients: async (options) => dataOf(await ask("GET", pathOf("oauth", "clients"), {}, options)),
  updateClient: async (id, change, options) =>
    dataOf(await ask("PATCH", pathOf("oauth", "clients", id), { body: change }, options)),
  renewSecret: async (id, options) =>
    dataOf(await ask("POST", pathOf("oauth", "clients", id, "secret"), {}, options)),
  deleteClient: async (id, options) =>
    void (await ask("DELETE", pathOf("oauth", "clients", id), {}, options)),
  rotateKeys: async (query = {}, options) =>
    dataOf(await ask("POST", pathOf("oauth", "keys", "rotate"), { query: queryString(query) }, options)),
  keys: async (options) => dataOf(await ask("GET", pathOf("oauth", "keys"), {}, options)),
});
