import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { NotificationKind } from "./schemas.ts";

/**
 * The CTE `told`: one notification for each person whom `persons` gives (a select of ids over `from`, an
 * earlier CTE), in the statement of what they are notified of. `subject` and `payload` are expressions
 * over `from`.
 *
 * @example sql`with saved as (…), ${notify(ctx, { kind: "entry.assigned", from: sql`saved`, … })} select …`
 */
export const notify = (
  ctx: Pick<Context, "tenantId" | "environmentId">,
  {
    kind,
    from,
    persons,
    subject,
    payload,
  }: Record<"from" | "persons" | "subject" | "payload", SQL> & { kind: NotificationKind },
): SQL => sql`told as (
    insert into notifications (tenant_id, environment_id, person, kind, subject, payload)
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, who.person, ${kind}::text, ${subject}, ${payload}
    from ${from}, lateral (select distinct person from (${persons}) every(person)) who
    where who.person is not null
  )`;
