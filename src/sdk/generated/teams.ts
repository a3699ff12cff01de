// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { NewTeam, Team, TeamChange } from "./shapes.ts";

export type Teams = {
  /** Make a team. Its members have its roles beside their own. */
  create(team: NewTeam, options?: CallOptions): Promise<Team>;
  /** List teams. With the ids of their members, by name. */
  list(options?: CallOptions): Promise<Team[]>;
  /** Change a team. Its name or its roles. */
  update(id: string, change: TeamChange, options?: CallOptions): Promise<Team>;
  /** Put a member into a team. Nothing happens when they are in it already. */
  add(id: string, person: string, options?: CallOptions): Promise<void>;
  /** Delete a team. Its members stay members. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Take a member out of a team. Nothing happens when they are not in it. */
  remove(id: string, person: string, options?: CallOptions): Promise<void>;
};

export const teamsOf = (ask: Ask): Teams => ({
  create: async (team, options) => dataOf(await ask("POST", pathOf("teams"), { body: team }, options)),
  list: async (options) => dataOf(await ask("GET", pathOf("teams"), {}, options)),
  update: async (id, change, options) =>
    dataOf(await ask("PATCH", pathOf("teams", id), { body: change }, options)),
  add: async (id, person, options) =>
    void (await ask("PUT", pathOf("teams", id, "members", person), {}, options)),
  delete: async (id, options) => void (await ask("DELETE", pathOf("teams", id), {}, options)),
  remove: async (id, person, options) =>
    void (await ask("DELETE", pathOf("teams", id, "members", person), {}, options)),
});
