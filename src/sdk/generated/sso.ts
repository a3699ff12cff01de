// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewConnection, Connection, ConnectionChange } from "./shapes.ts";

export type Sso = {
  /**
   * Connect an identity provider. SAML: its metadata, a URL of it, or `entity_id`, `sso_url` and
   * `certificates`. OpenID Connect: issuer and client. `domains` must be verified before; people of
   * these alone are made members.
   */
  create(connection: NewConnection, options?: CallOptions): Promise<Connection>;
  /** List connections. The tenant's identity providers, by name. */
  list(options?: CallOptions): Promise<Connection[]>;
  /** Get a connection. With the addresses that the identity provider must be told. */
  get(id: string, options?: CallOptions): Promise<Connection>;
  /** Change a connection. Whatever is not given stays. Switching it off ends the sessions that it opened. */
  update(id: string, change: ConnectionChange, options?: CallOptions): Promise<Connection>;
  /** Take a connection away. The sessions that it opened end; its people stay members. */
  delete(id: string, options?: CallOptions): Promise<void>;
};

export const ssoOf = (ask: Ask): Sso => ({
  create: async (connection, options) =>
    dataOf(await ask("POST", pathOf("sso", "connections"), { body: connection }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("sso", "connections"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("sso", "connections", id), {}, options)),
  update: async (id, change, options) =>
    dataOf(await ask("PATCH", pathOf("sso", "connections", id), { body: change }, options)),
  delete: async (id, options) => void (await ask("DELETE", pathOf("sso", "connections", id), {}, options)),
});
