import type { IdentityContext } from "../../core/identity-context.ts";
import { mailNotifications } from "../../domain/identity/members/index.ts";
import type { EventMessage } from "../../platform/content-env.ts";
import { createIdentityContext, type IdentityBindings } from "../../platform/identity-env.ts";
import { systemEdge } from "../../platform/system-edge.ts";
import { consumeMessages } from "../consume-events.ts";

/** Emails what people are notified of by these events. */
export async function consumeEmails(
  batch: MessageBatch<EventMessage>,
  env: IdentityBindings,
  worker: ExecutionContext,
): Promise<void> {
  const contextOf = (tenantId: string) => mailerOf(env, worker, tenantId);
  await consumeMessages(batch, "emails", contextOf, async (ctx) => {
    await mail(env, ctx as IdentityContext, "due");
    return [];
  });
}

/** Emails what is due of a tenant at once, or what waits for the daily email. */
export function mail(env: IdentityBindings, ctx: IdentityContext, which: "due" | "daily"): Promise<number> {
  const origin = env.PUBLIC_URL === undefined ? null : new URL(env.PUBLIC_URL).origin;
  return mailNotifications(ctx, { which, origin });
}

/** The context of work that nobody's request asked for. */
export function mailerOf(
  env: IdentityBindings,
  worker: Pick<ExecutionContext, "waitUntil">,
  tenantId: string,
): IdentityContext {
  const edge = systemEdge(`notifications:${tenantId}`, tenantId);
  const nobodysSite = {
    issuer: "",
    prefix: "",
    home: null,
    isTenants: false,
    tenantName: "",
    userAgent: null,
  };
  return createIdentityContext(env, edge, nobodysSite, worker.waitUntil.bind(worker));
}
