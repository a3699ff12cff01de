import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";

/** A person of the tenant. */
export type Member = {
  id: string;
  email: string;
  name: string;
  roles: string[];
  teams: { id: string; name: string; roles: string[] }[];
  source: string;
  suspended: boolean;
  created_at: string;
};
export type MemberChange = { roles?: string[]; suspended?: boolean };
/** An invitation that waits for an answer. */
export type Invitation = {
  id: string;
  email: string;
  roles: string[];
  created_at: string;
  created_by: string;
  expires_at: string;
};
/** People who have the team's roles beside their own. */
export type Team = { id: string; name: string; roles: string[]; members: string[]; created_at: string };

/** API tokens that a member made and can be used, and schedules of theirs that wait. */
export type Leavings = {
  tokens: { id: string; name: string; scopes: string[]; last_used_at: string | null }[];
  schedules: { id: string; environment: string; entry: string; action: string; due_at: string }[];
  revoked: ("tokens" | "schedules")[];
};

/** The people of the tenant, their teams, and who is invited. */
export type Members = {
  list(options?: CallOptions): Promise<Member[]>;
  get(id: string, options?: CallOptions): Promise<Member>;
  /** Other roles, or kept out for a while: known everywhere within ten seconds. */
  update(id: string, change: MemberChange, options?: CallOptions): Promise<Member>;
  /** What they would leave that goes on without them. */
  leavings(id: string, options?: CallOptions): Promise<Leavings>;
  /** Answers what they leave; `revoke` ends it in the same step. */
  remove(id: string, options?: CallOptions & { revoke?: Leavings["revoked"] }): Promise<Leavings>;
  /** Sends a letter; the invitation holds for a week. */
  invite(invitation: { email: string; roles: string[] }, options?: CallOptions): Promise<Invitation>;
  invitations(options?: CallOptions): Promise<Invitation[]>;
  uninvite(id: string, options?: CallOptions): Promise<void>;
};

export const membersOf = (ask: Ask): Members => ({
  list: async (options) => dataOf(await ask("GET", pathOf("members"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("members", id), {}, options)),
  update: async (id, body, options) => dataOf(await ask("PATCH", pathOf("members", id), { body }, options)),
  leavings: async (id, options) => dataOf(await ask("GET", pathOf("members", id, "leavings"), {}, options)),
  remove: async (id, { revoke = [], ...options } = {}) => {
    const query = revoke.length === 0 ? undefined : queryString({ revoke: revoke.join(",") });
    const reply = await ask("DELETE", pathOf("members", id), { query }, options);
    return reply.status === 204 ? { tokens: [], schedules: [], revoked: [] } : dataOf(reply);
  },
  invite: async (body, options) => dataOf(await ask("POST", pathOf("invitations"), { body }, options)),
  invitations: async (options) => dataOf(await ask("GET", pathOf("invitations"), {}, options)),
  uninvite: async (id, options) => void (await ask("DELETE", pathOf("invitations", id), {}, options)),
});

/** Teams, and who is in them. */
export type Teams = {
  list(options?: CallOptions): Promise<Team[]>;
  create(team: { name: string; roles?: string[] }, options?: CallOptions): Promise<Team>;
  update(id: string, change: { name?: string; roles?: string[] }, options?: CallOptions): Promise<Team>;
  delete(id: string, options?: CallOptions): Promise<void>;
  add(id: string, person: string, options?: CallOptions): Promise<void>;
  remove(id: string, person: string, options?: CallOptions): Promise<void>;
};

export const teamsOf = (ask: Ask): Teams => ({
  list: async (options) => dataOf(await ask("GET", pathOf("teams"), {}, options)),
  create: async (body, options) => dataOf(await ask("POST", pathOf("teams"), { body }, options)),
  update: async (id, body, options) => dataOf(await ask("PATCH", pathOf("teams", id), { body }, options)),
  delete: async (id, options) => void (await ask("DELETE", pathOf("teams", id), {}, options)),
  add: async (id, person, options) =>
    void (await ask("PUT", pathOf("teams", id, "members", person), {}, options)),
  remove: async (id, person, options) =>
    void (await ask("DELETE", pathOf("teams", id, "members", person), {}, options)),
});
