import { sql } from "drizzle-orm";
import type { Email, IdentityContext } from "../../../core/identity-context.ts";
import { addressKey, countAttempt, countedRows, isOver, type Counted } from "./throttle.ts";

/**
 * Why an email goes out: somebody invites, somebody asks for a link, or a person is told of what
 * happened to their account. The more it matters to who reads it, the later it is held back.
 */
export type EmailKind = "invitation" | "asked" | "notice";
export type Mail = Email & { kind: EmailKind };

/**
 * How many invitations one hour allows; twice as many emails that were asked for, four times as many
 * notices.
 */
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
 * Sends an email behind the answer, so that the time an answer takes tells nobody whether one went
 * out. Over its limits it stays here; that, and what fails, is logged without the address.
 * `isCounted` says that the verb counted it.
 */
export function sendLater(ctx: IdentityContext, mail: Mail, { isCounted = false } = {}): void {
  const { kind, ...email } = mail;
  const log = (event: string, more: object) =>
    console.error(JSON.stringify({ event, kind, tenant: ctx.tenantId, request_id: ctx.requestId, ...more }));
  const send = async () => {
    const over = isCounted ? [] : await count(ctx, mail);
    if (over.length > 0) return log("email.held", { limits: over.map((key) => key.split(":")[1]) });
    await ctx.email.send(email);
  };
  ctx.waitUntil(send().catch((error: Error) => log("email.failed", { message: error.message })));
}

async function count(ctx: IdentityContext, mail: Mail): Promise<string[]> {
  const counters = emailCounters(ctx, mail);
  const { results } = await ctx.db.run([sql`with ${countAttempt(counters)} select ${countedRows}`], {
    isRead: true,
  });
  return isOver(counters, results[0]![0]![0]).map(([key]) => key as string);
}
