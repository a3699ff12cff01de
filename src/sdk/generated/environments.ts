// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { Environment, EnvironmentChange, NewEnvironment, Alias } from "./shapes.ts";

export type Environments = {
  /** List environments. The tenant's environments with their locales. */
  list(options?: CallOptions): Promise<Environment[]>;
  /**
   * Change an environment. Replaces the locales or the default one, makes it the default environment, or
   * says what GraphQL answers there. A fallback must be one of the locales, and no chain of them may run
   * in a circle. What is published already is rendered anew within seconds.
   */
  update(name: string, change: EnvironmentChange, options?: CallOptions): Promise<Environment>;
  /**
   * Create or clone an environment. Empty, or with `from` a copy of another one's locales, types,
   * entries, versions, assets and registered operations under the same ids, all as they are at one
   * moment. Its trash, schedules and comments stay behind. A tenant has 50 environments at most.
   */
  create(environment: NewEnvironment, options?: CallOptions): Promise<Environment>;
  aliases: {
    /** List aliases. Other names of environments, which `X-Flow-Environment` takes as well. */
    list(options?: CallOptions): Promise<Alias[]>;
    /**
     * Point an alias to an environment. In one step for every reader: this is how a new environment goes
     * live, and back. An alias has a name that no environment has.
     */
    put(name: string, environment: string, options?: CallOptions): Promise<Alias>;
    /** Delete an alias. The environment stays. */
    delete(name: string, options?: CallOptions): Promise<void>;
  };
  /**
   * Delete an environment. With all that is in it, for good. Refused for the default environment and for
   * one that an alias points to.
   */
  delete(name: string, options?: CallOptions): Promise<void>;
};

export const environmentsOf = (ask: Ask): Environments => ({
  list: async (options) => dataOf(await ask("GET", pathOf("environments"), {}, options)),
  update: async (name, change, options) =>
    dataOf(await ask("PATCH", pathOf("environments", name), { body: change }, options)),
  create: async (environment, options) =>
    dataOf(await ask("POST", pathOf("environments"), { body: environment }, options)),
  aliases: {
    list: async (options) => dataOf(await ask("GET", pathOf("environments", "aliases"), {}, options)),
    put: async (name, environment, options) =>
      dataOf(await ask("PUT", pathOf("environments", "aliases", name), { body: { environment } }, options)),
    delete: async (name, options) =>
      void (await ask("DELETE", pathOf("environments", "aliases", name), {}, options)),
  },
  delete: async (name, options) => void (await ask("DELETE", pathOf("environments", name), {}, options)),
});
