import { request } from "node:http";
import { inject } from "vitest";
import { newAddress } from "./person.ts";
import type { Tenant } from "./tenant.ts";

type Asked = { token?: string; cookie?: string; form?: Record<string, string>; json?: unknown };
type Answered = { status: number; text: string; location: string | undefined; cookies: string[] };

/**
 * Asks the gateway as if a host of that name led to it; a form is sent as one of that host's own pages
 * does.
 */
export function atHost(
  host: string,
  path: string,
  { token, cookie, form, json }: Asked = {},
): Promise<Answered> {
  const { hostname, port } = new URL(inject("url"));
  const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
  const headers = {
    host,
    accept: path.startsWith("/api/") || path === "/session/token" ? "application/json" : "text/html",
    "cf-connecting-ip": newAddress(),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(form ? { origin: `http://${host}`, "content-type": "application/x-www-form-urlencoded" } : {}),
    ...(json ? { "content-type": "application/json" } : {}),
  };
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers, method: body === undefined ? "GET" : "POST" }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () =>
        resolve({
          status: response.statusCode!,
          text,
          location: response.headers.location,
          cookies: response.headers["set-cookie"] ?? [],
        }),
      );
    })
      .on("error", reject)
      .end(body);
  });
}

/** A host of the tenant's own, which it has proved by DNS. */
export async function newHost(tenant: Tenant): Promise<string> {
  const host = `cms-${crypto.randomUUID().slice(0, 8)}.example.com`;
  const { body } = await tenant.post("/domains", { domain: host, serves: true });
  const { name, value } = body.data.record;
  await fetch(`${inject("dnsUrl")}/set?name=${name}&value=${encodeURIComponent(value)}`);
  const proved = await tenant.post(`/domains/${host}/verify`, undefined);
  if (!proved.body.data.verified) throw new Error(proved.text);
  return host;
}
