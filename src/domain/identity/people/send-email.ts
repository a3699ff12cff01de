import { sql } from "drizzle-orm";
import type { Email, IdentityContext } from "../../../core/identity-context.ts";
import { addressKey, countAttempt, countedRows, isOver, type Counted } from "./throttle.ts";

/**
 * The kind of an email: an invitation, a requested link, or a notice about the account. The more
 * important it is for its reader, the higher its limit.
 */
export type EmailKind = "invitation" | "asked" | "notice";
export type Mail = Email & { kind: EmailKind };

/** The hourly limit of invitations; double for requested links, fourfold for notices. */
export const EMAILS_PER_HOUR = { recipient: 10, sender: 100, tenant: 200, installation: 2000 };
const SHARE: Record<EmailKind, number> = { invitation: 1, asked: 2, notice: 4 };

/**
 * The counters that every email counts on, whatever it says. Who sends is a person, a token, or an
 * address of the network.
 */
export function emailCounters(ctx: IdentityContext, { to, kind }: Pick<Mail, "to" | "kind">): Counted[] {
  const sender = ctx.actor.id === "anonymous" ? addressKey(ctx.ip) : ctx.actor.id;
  const counted = (key: string, limit: number): Counted => ({ key, limit: limit * SHARE[kind], minutes: 60 });
  return [
    counted(`email:to:${to}`, EMAILS_PER_HOUR.recipient),
    counted(`email:by:${sender}`, EMAILS_PER_HOUR.sender),
    counted(`email:tenant:${ctx.tenantId}`, EMAILS_PER_HOUR.tenant),
    counted("email:all", EMAILS_PER_HOUR.installation),
  ];
}

/**
 * Sends an email in the background, so that the response time does not reveal whether one was sent. Over
 * its limit it is dropped; that, and failures, are logged without the address. `isCounted`: the verb
 * counted it already.
 */
export function sendLater(ctx: IdentityContext, mail: Mail, { isCounted = false } = {}): void {
  const { kind } = mail;
  const log = (event: string, more: object) =>
    console.error(JSON.stringify({ event, kind, tenant: ctx.tenantId, request_id: ctx.requestId, ...more }));
  const send = async () => {
    const over = await sendNow(ctx, mail, { isCounted });
    if (over.length > 0) log("email.held", { limits: over.map((key) => key.split(":")[1]) });
  };
  ctx.waitUntil(send().catch((error: Error) => log("email.failed", { message: error.message })));
}

/** Sends an email; answers the counters over their limit, for which it was not sent. Throws UNAVAILABLE. */
export async function sendNow(
  ctx: IdentityContext,
  { kind, ...email }: Mail,
  { isCounted = false } = {},
): Promise<string[]> {
  const over = isCounted ? [] : await count(ctx, { kind, ...email });
  if (over.length === 0) await ctx.email.send(email);
  return over;
}

async function count(ctx: IdentityContext, mail: Mail): Promise<string[]> {
  const counters = emailCounters(ctx, mail);
  const { results } = await ctx.db.run([sql`with ${countAttempt(counters)} select ${countedRows}`], {
    isRead: true,
  });
  return isOver(counters, results[0]![0]![0]).map(([key]) => key as string);
}
