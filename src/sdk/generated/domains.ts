// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewDomain, Domain } from "./shapes.ts";

export type Domains = {
  /** Add a domain. It counts for nothing until the record in the answer stands in DNS and was verified. */
  add(domain: NewDomain, options?: CallOptions): Promise<Domain>;
  /** List domains. With the records that prove them. */
  list(options?: CallOptions): Promise<Domain[]>;
  /** Verify a domain. Asks DNS for the record. While it is not there, `verified` stays false. */
  verify(domain: string, options?: CallOptions): Promise<Domain>;
  /** Give a domain up. Its host leads here no more, and its addresses prove nothing. */
  remove(domain: string, options?: CallOptions): Promise<void>;
};

export const domainsOf = (ask: Ask): Domains => ({
  add: async (domain, options) => dataOf(await ask("POST", pathOf("domains"), { body: domain }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("domains"), {}, options)),
  verify: async (domain, options) =>
    dataOf(await ask("POST", pathOf("domains", domain, "verify"), {}, options)),
  remove: async (domain, options) => void (await ask("DELETE", pathOf("domains", domain), {}, options)),
});
