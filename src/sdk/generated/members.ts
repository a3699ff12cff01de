// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataIn, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import { queryString } from "../query-string.ts";
import type { Member, Leavings, MemberChange, NewInvitation, Invitation } from "./shapes.ts";

export type Members = {
  /** List members. The people of the tenant, by name. */
  list(options?: CallOptions): Promise<Member[]>;
  /** Read a member. One person of the tenant. */
  get(id: string, options?: CallOptions): Promise<Member>;
  /**
   * See what a member would leave. The API tokens that they made and can be used, and the schedules that
   * they planned and wait.
   */
  leavings(id: string, options?: CallOptions): Promise<Leavings>;
  /**
   * Change a member. Gives them other roles, or keeps them out for a while. What they hold is refused at
   * the edge within ten seconds; their next token has the new roles.
   */
  update(id: string, change: MemberChange, options?: CallOptions): Promise<Member>;
  /**
   * Remove a member. Their account stays theirs; what they wrote stays. What they hold is refused within
   * ten seconds. API tokens that they made and schedules that they planned go on: the answer names them,
   * and `revoke=tokens,schedules` ends them in the same step. 204 where there are none.
   */
  remove(
    id: string,
    query?: {
      revoke?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<Leavings | undefined>;
  /**
   * Invite somebody. Sends an email with a link that holds for a week. A new invitation takes the place
   * of an open one. Too many to one address, or from one tenant, are refused with 429
   * `identity/too-many-emails`.
   */
  invite(invitation: NewInvitation, options?: CallOptions): Promise<Invitation>;
  /** List open invitations. Those that were neither accepted nor taken back, the newest first. */
  invitations(options?: CallOptions): Promise<Invitation[]>;
  /** Take an invitation back. Its link works no more. */
  uninvite(id: string, options?: CallOptions): Promise<void>;
};

export const membersOf = (ask: Ask): Members => ({
  list: async (options) => dataOf(await ask("GET", pathOf("members"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("members", id), {}, options)),
  leavings: async (id, options) => dataOf(await ask("GET", pathOf("members", id, "leavings"), {}, options)),
  update: async (id, change, options) =>
    dataOf(await ask("PATCH", pathOf("members", id), { body: change }, options)),
  remove: async (id, query = {}, options) =>
    dataIn(await ask("DELETE", pathOf("members", id), { query: queryString(query) }, options)),
  invite: async (invitation, options) =>
    dataOf(await ask("POST", pathOf("invitations"), { body: invitation }, options)),
  invitations: async (options) => dataOf(await ask("GET", pathOf("invitations"), {}, options)),
  uninvite: async (id, options) => void (await ask("DELETE", pathOf("invitations", id), {}, options)),
});
