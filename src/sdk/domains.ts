import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";

/** A domain that the tenant says is its own; `record` is what DNS must hold to prove it. */
export type Domain = {
  domain: string;
  serves: boolean;
  verified: boolean;
  verified_at: string | null;
  record: { name: string; type: "TXT"; value: string };
  created_at: string;
};

/** Domains of the tenant. */
export type Domains = {
  list(options?: CallOptions): Promise<Domain[]>;
  add(domain: { domain: string; serves?: boolean }, options?: CallOptions): Promise<Domain>;
  /** Asks DNS; `verified` says what came of it. */
  verify(domain: string, options?: CallOptions): Promise<Domain>;
  remove(domain: string, options?: CallOptions): Promise<void>;
};

export const domainsOf = (ask: Ask): Domains => ({
  list: async (options) => dataOf(await ask("GET", pathOf("domains"), {}, options)),
  add: async (body, options) => dataOf(await ask("POST", pathOf("domains"), { body }, options)),
  verify: async (domain, options) =>
    dataOf(await ask("POST", pathOf("domains", domain, "verify"), {}, options)),
  remove: async (domain, options) => void (await ask("DELETE", pathOf("domains", domain), {}, options)),
});
