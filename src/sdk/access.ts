import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";
import type { Scope } from "./tokens.ts";

/** One thing that is allowed or refused; what it does not mention it does not narrow. */
export type NewGrant = {
  id?: string | undefined;
  /** `allow` when absent; `deny` beats every `allow`. */
  effect?: "allow" | "deny" | undefined;
  /** Permissions such as `content:publish`, all of a kind (`content:*`), or `*`. */
  actions: readonly string[];
  types?: readonly string[] | undefined;
  locales?: readonly string[] | undefined;
  environments?: readonly string[] | undefined;
  fields?: readonly string[] | undefined;
  /** Filters as lists have them; `$me` and `$actor.…` stand for who acts. */
  conditions?: Record<string, unknown> | undefined;
};
export type NewPolicy = {
  /** An id of your own, for policies that are kept as files. */
  id?: string | undefined;
  name: string;
  description?: string | undefined;
  grants: readonly NewGrant[];
};
export type Policy = {
  id: string;
  name: string;
  description: string | null;
  grants: (NewGrant & { id: string; effect: "allow" | "deny" })[];
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
};
export type NewRole = {
  name: string;
  description?: string | undefined;
  policies?: readonly string[] | undefined;
};
/** A role; those that every tenant has come without an id. */
export type Role = {
  id: string | null;
  name: string;
  description: string | null;
  is_built_in: boolean;
  policies: string[];
  grants?: NewGrant[];
  created_at?: string;
  updated_at?: string;
};
/** Who the client acts as. */
export type Me = {
  kind: "token" | "person" | "system";
  id: string;
  scopes: Scope[];
  roles: string[] | null;
  permissions: string[];
  is_narrowed: boolean;
  grants: NewGrant[] | null;
  attributes: Record<string, unknown>;
  is_bound: boolean;
};
type GrantName = { grant: string; policy: string | null; role: string | null; effect: "allow" | "deny" };
export type Explanation = {
  subject: string;
  action: string;
  resource: string | null;
  allowed: boolean;
  is_conditional: boolean;
  decided_by: { by: "grant" | "scope" | "default"; scopes?: Scope[] } & Partial<GrantName>;
  considered: (GrantName & { applies: boolean; because: string })[];
};
export type ExplainQuery = {
  /** `me` when absent, `token:tok_…` or `role:editor`. */
  subject?: string | undefined;
  action: string;
  /** `entry:cnt_…` or `type:article`. */
  resource?: string | undefined;
  field?: string | undefined;
  locale?: string | undefined;
};
/** What the client may do with an entry. `fields`: the only ones that it may change, where it is not all. */
export type Can = {
  update: boolean;
  publish: boolean;
  unpublish: boolean;
  delete: boolean;
  fields?: string[];
};

/** Policies: lists of grants. */
export type Policies = {
  list(options?: CallOptions): Promise<Policy[]>;
  get(id: string, options?: CallOptions): Promise<Policy>;
  create(policy: NewPolicy, options?: CallOptions): Promise<Policy>;
  update(id: string, change: Omit<Partial<NewPolicy>, "id">, options?: CallOptions): Promise<Policy>;
  delete(id: string, options?: CallOptions): Promise<void>;
};
/** Roles: what tokens and people have, made of policies. */
export type Roles = {
  list(options?: CallOptions): Promise<Role[]>;
  get(idOrName: string, options?: CallOptions): Promise<Role>;
  create(role: NewRole, options?: CallOptions): Promise<Role>;
  update(idOrName: string, change: Omit<Partial<NewRole>, "name">, options?: CallOptions): Promise<Role>;
  delete(idOrName: string, options?: CallOptions): Promise<void>;
};
/** Who may do what, and why. */
export type AccessApi = {
  me(options?: CallOptions): Promise<Me>;
  explain(query: ExplainQuery, options?: CallOptions): Promise<Explanation>;
};

const crud = (ask: Ask, place: string) => ({
  list: async (options?: CallOptions) => dataOf(await ask("GET", pathOf(place), {}, options)),
  get: async (id: string, options?: CallOptions) => dataOf(await ask("GET", pathOf(place, id), {}, options)),
  create: async (body: object, options?: CallOptions) =>
    dataOf(await ask("POST", pathOf(place), { body }, options)),
  update: async (id: string, body: object, options?: CallOptions) =>
    dataOf(await ask("PATCH", pathOf(place, id), { body }, options)),
  delete: async (id: string, options?: CallOptions) =>
    void (await ask("DELETE", pathOf(place, id), {}, options)),
});

export const policiesOf = (ask: Ask) => crud(ask, "policies") as Policies;
export const rolesOf = (ask: Ask) => crud(ask, "roles") as Roles;
export const accessOf = (ask: Ask): AccessApi => ({
  me: async (options) => dataOf(await ask("GET", pathOf("access", "me"), {}, options)),
  explain: async (query, options) =>
    dataOf(await ask("GET", pathOf("access", "explain"), { query: queryString(query) }, options)),
});
