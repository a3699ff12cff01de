import { inject } from "vitest";
import type { Tenant } from "./tenant.ts";

export const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
export const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** SCIM as a tenant's directory speaks it, with the tenant's admin token. */
export function scimOf(tenant: Tenant, domain: string) {
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${inject("url")}/t/${tenant.slug}/scim/v2${path}`, {
      method,
      headers: {
        "content-type": "application/scim+json",
        authorization: `Bearer ${tenant.tokens.admin}`,
        ...headers,
      },
      body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === "" ? undefined : JSON.parse(text),
    };
  };
  return {
    send,
    find: (kind: "Users" | "Groups", filter: string, more = "") =>
      send("GET", `/${kind}?filter=${encodeURIComponent(filter)}${more}`),
    patch: (id: string, ...Operations: object[]) =>
      send("PATCH", `/Users/${id}`, {
        schemas: [PATCH],
        Operations,
      }),
    async newUser(name: string, more: object = {}) {
      const made = await send("POST", "/Users", { schemas: [USER], userName: `${name}@${domain}`, ...more });
      if (made.status !== 201) throw new Error(made.text);
      return made.body as { id: string; userName: string; meta: { version: string } };
    },
  };
}
