import { invalid } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { NotificationKind, writeSetting } from "../../tenant/notifications/index.ts";

const PURPOSE = "unsubscribe";

/** What an email proves of its reader: whose it is, and of which kind. */
export const unsubscribeToken = (ctx: IdentityContext, person: string, kind: string): Promise<string> =>
  ctx.vault.seal(ctx.tenantId, PURPOSE, JSON.stringify([person, kind]));

/** The kind that a link ends emails of. Throws INVALID for a link that is none of the tenant's. */
export async function readUnsubscribe(
  ctx: IdentityContext,
  token: string,
): Promise<{ person: string; kind: NotificationKind }> {
  const opened = await ctx.vault.open(ctx.tenantId, PURPOSE, token).catch(() => "[]");
  const [person, kind] = JSON.parse(opened) as [string?, string?];
  const parsed = NotificationKind.safeParse(kind);
  if (person === undefined || !parsed.success)
    throw invalid("identity/bad-link", "This link is not valid: copy the whole of it.", [], 400);
  return { person, kind: parsed.data };
}

/** Ends emails of one kind, for whom the email came to. */
export async function unsubscribe(ctx: IdentityContext, token: string): Promise<NotificationKind> {
  const { person, kind } = await readUnsubscribe(ctx, token);
  await writeSetting(ctx, person, kind, { email: "never" });
  return kind;
}
