// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewRole, Role, RoleChange } from "./shapes.ts";

export type Roles = {
  /** Create a role. Its name is what tokens (`role`) and JWTs (`roles`) call it. */
  create(role: NewRole, options?: CallOptions): Promise<Role>;
  /** List roles. Those that every tenant has, then the tenant's own. */
  list(options?: CallOptions): Promise<Role[]>;
  /** Get a role. By its id or its name. */
  get(id: string, options?: CallOptions): Promise<Role>;
  /**
   * Change a role. `policies` replaces all of them. In force everywhere within ten seconds; the name
   * stays.
   */
  update(id: string, change: RoleChange, options?: CallOptions): Promise<Role>;
  /** Delete a role. Refused while a token has it. JWTs that name it are granted nothing by it any more. */
  delete(id: string, options?: CallOptions): Promise<void>;
};

export const rolesOf = (ask: Ask): Roles => ({
  create: async (role, options) => dataOf(await ask("POST", pathOf("roles"), { body: role }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("roles"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("roles", id), {}, options)),
  update: async (id, change, options) =>
    dataOf(await ask("PATCH", pathOf("roles", id), { body: change }, options)),
  delete: async (id, options) => void (await ask("DELETE", pathOf("roles", id), {}, options)),
});
