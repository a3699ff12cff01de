import type { Tenant } from "./tenant.ts";

/**
 * A policy of these grants, in a role of its own, and a token with that role; `as` calls the API with
 * it.
 */
export async function asRole(tenant: Tenant, grants: object[], token: object = {}) {
  const name = `r-${crypto.randomUUID().slice(0, 8)}`;
  const policy = await tenant.post("/policies", { name, grants });
  if (policy.status !== 201) throw new Error(policy.text);
  const role = await tenant.post("/roles", { name, policies: [policy.body.data.id] });
  if (role.status !== 201) throw new Error(role.text);
  const made = await asToken(tenant, { role: name, ...token });
  return { ...made, role: role.body.data, policy: policy.body.data };
}

/** A token, and the API as it sees it. */
export async function asToken(tenant: Tenant, token: object) {
  const made = await tenant.post("/tokens", { name: "T", scope: "write", ...token });
  if (made.status !== 201) throw new Error(made.text);
  const { token: secret, id } = made.body.data as { token: string; id: string };
  const options = { token: secret };
  return {
    id,
    secret,
    get: (path: string, headers?: Record<string, string>) =>
      tenant.get(path, { ...options, ...(headers ? { headers } : {}) }),
    post: (path: string, body: unknown) => tenant.post(path, body, options),
    put: (path: string, body: unknown) => tenant.put(path, body, options),
    patch: (path: string, body: unknown) => tenant.patch(path, body, options),
    delete: (path: string) => tenant.delete(path, options),
    graphql: async (query: string, variables?: object) =>
      tenant.post("/graphql", { query, variables }, options),
  };
}

export const reasonOf = (reply: { body: any }): string | undefined =>
  reply.body?.error?.reason ?? reply.body?.errors?.[0]?.extensions?.reason;
export const titles = (reply: { body: any }): string[] =>
  (reply.body.data as { title: string }[]).map(({ title }) => title).sort();
