// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewPolicy, Policy, PolicyChange } from "./shapes.ts";

export type Policies = {
  /**
   * Create a policy. Types, fields, locales and conditions are checked by the content types of the
   * environment. In force everywhere within ten seconds.
   */
  create(policy: NewPolicy, options?: CallOptions): Promise<Policy>;
  /** List policies. By their names. */
  list(options?: CallOptions): Promise<Policy[]>;
  /** Get a policy. With its grants. */
  get(id: string, options?: CallOptions): Promise<Policy>;
  /**
   * Change a policy. What is not given stays; `grants` replaces all of them. In force everywhere within
   * ten seconds.
   */
  update(id: string, change: PolicyChange, options?: CallOptions): Promise<Policy>;
  /** Delete a policy. Refused while a role has it. */
  delete(id: string, options?: CallOptions): Promise<void>;
};

export const policiesOf = (ask: Ask): Policies => ({
  create: async (policy, options) => dataOf(await ask("POST", pathOf("policies"), { body: policy }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("policies"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("policies", id), {}, options)),
  update: async (id, change, options) =>
    dataOf(await ask("PATCH", pathOf("policies", id), { body: change }, options)),
  delete: async (id, options) => void (await ask("DELETE", pathOf("policies", id), {}, options)),
});
