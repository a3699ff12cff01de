import type { Context as HonoContext } from "hono";
import { readSession, type Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { readSessionCookie } from "./cookies.ts";
import { pathOf, seeOther } from "./forms.ts";

/** Who the session cookie says is here; undefined for nobody. */
export async function signedIn(c: HonoContext<IdentityApp>): Promise<Person | undefined> {
  const token = readSessionCookie(c.req.raw);
  return token === undefined ? undefined : readSession(c.var.ctx, token);
}

/** Runs `work` for who is signed in; sends everybody else to sign in first, and back here afterwards. */
export async function asSignedIn(
  c: HonoContext<IdentityApp>,
  work: (person: Person) => Promise<Response> | Response,
): Promise<Response> {
  const person = await signedIn(c);
  if (person) return work(person);
  const { pathname, search } = new URL(c.req.url);
  const here = c.req.method === "GET" ? `${c.var.ctx.site.prefix}${pathname}${search}` : undefined;
  return seeOther(pathOf(c.var.ctx, "/sign-in", { continue: here }));
}
