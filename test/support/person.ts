import { inject } from "vitest";
import { connect } from "../../src/db/client.ts";
import { issueSetupCode } from "../../src/domain/identity/members/index.ts";
import { newTokenSecret } from "../../src/core/tokens.ts";
import type { Tenant } from "./tenant.ts";

export const PASSWORD = "correct horse battery";

/** An address of its own, since limits count by address. */
export const newAddress = (): string =>
  `198.18.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;

/** What a browser without JavaScript is: cookies, forms, and redirects that are followed by hand. */
export function newVisitor(tenant: Pick<Tenant, "slug">) {
  const cookies = new Map<string, string>();
  const origin = inject("url");
  const prefix = `/t/${tenant.slug}`;
  const address = newAddress();
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    if (!headers.has("accept")) headers.set("accept", "text/html");
    if (!headers.has("cf-connecting-ip")) headers.set("cf-connecting-ip", address);
    const response = await fetch(path.startsWith("http") ? path : origin + path, {
      ...init,
      headers,
      redirect: "manual",
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (value === "") cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    return {
      status: response.status,
      headers: response.headers,
      location: response.headers.get("location"),
      text: await response.text(),
    };
  };
  return {
    origin,
    issuer: origin + prefix,
    prefix,
    cookies,
    send,
    get: (path: string) => send(path.startsWith(prefix) ? path : prefix + path),
    /** Sends a form as one of the site's own pages does. */
    post: (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      send(path.startsWith(prefix) ? path : prefix + path, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { origin, ...headers },
      }),
  };
}

export type Visitor = ReturnType<typeof newVisitor>;

/** The tenant's first owner, signed in. */
export async function newOwner(tenant: Tenant): Promise<Visitor & { email: string }> {
  const visitor = newVisitor(tenant);
  const email = `owner@${tenant.slug}.example.com`;
  const code = newTokenSecret();
  if (!(await issueSetupCode(connect(inject("ownerUrl")), tenant.tenantId, code)))
    throw new Error("It has an owner.");
  const made = await visitor.post("/setup", { code, email, name: "Olga Owner", password: PASSWORD });
  if (made.status !== 303) throw new Error(made.text);
  return { ...visitor, email };
}

/** Somebody new in the tenant, by invitation, signed in. */
export async function joinedMember(tenant: Tenant, roles: string[], name = "Mira Member") {
  const email = `m-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const invited = await tenant.post("/invitations", { email, roles });
  if (invited.status !== 201) throw new Error(invited.text);
  const visitor = newVisitor(tenant);
  const token = new URL(await linkTo(email, "invites you")).searchParams.get("token")!;
  const joined = await visitor.post("/invitation", { token, name, password: PASSWORD });
  if (joined.status !== 303) throw new Error(joined.text);
  const members = (await tenant.get("/members")).body.data as { id: string; email: string }[];
  return { ...visitor, email, id: members.find((one) => one.email === email)!.id };
}

/** The emails sent to an address, the newest first. */
export async function emailsTo(email: string): Promise<{ subject: string; text: string }[]> {
  const response = await fetch(`${inject("mailboxUrl")}/emails?to=${encodeURIComponent(email)}`);
  return response.json() as Promise<{ subject: string; text: string }[]>;
}

/** The link in the newest email to an address whose subject holds `subject`; waits for it. */
export async function linkTo(email: string, subject: string): Promise<string> {
  const until = Date.now() + 20_000;
  for (;;) {
    const found = (await emailsTo(email)).find((one) => one.subject.includes(subject));
    const link = found && /https?:\/\/\S+/.exec(found.text)?.[0];
    if (link) return link;
    if (Date.now() > until) throw new Error(`No email "${subject}" came to ${email}.`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** The token in an email's link. */
export const tokenOf = (link: string): string => new URL(link).searchParams.get("token")!;

/** The access token that a page gets for who is signed in; undefined for nobody. */
export async function pageToken(visitor: Visitor): Promise<string | undefined> {
  const answer = await visitor.post("/session/token", {}, { accept: "application/json" });
  return answer.status === 200 ? (JSON.parse(answer.text).data.access_token as string) : undefined;
}
