// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { Tenant, TenantChange } from "./shapes.ts";

export type TenantApi = {
  /** Get the tenant. Its name, state and the addresses that its tokens may be used from. */
  get(options?: CallOptions): Promise<Tenant>;
  /**
   * Change the tenant. `ip_ranges` are CIDR ranges, IPv4 and IPv6. Every edge keeps to them within ten
   * seconds. Ranges that your own address is not in are refused. `sign_in` is checked when a token is
   * issued or refreshed; where it demands more than before, people need new tokens at once; `sso` needs
   * an enabled connection with a verified domain.
   */
  update(change: TenantChange, options?: CallOptions): Promise<Tenant>;
};

export const tenantOf = (ask: Ask): TenantApi => ({
  get: async (options) => dataOf(await ask("GET", pathOf("tenant"), {}, options)),
  update: async (change, options) => dataOf(await ask("PATCH", pathOf("tenant"), { body: change }, options)),
});
