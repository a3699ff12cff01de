import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { lockEnvironment } from "./schema-of-environment.ts";

/** How long writers wait for a change that was cut off, and how often it says that it goes on. */
const HOLD_MS = 10_000;
const RENEW_MS = 1000;
/** How long a change may keep them waiting before it is written. */
const MAX_HOLD_MS = 60_000;

/** Has all writers of an environment wait while a change of its definitions is planned and written. */
export type Hold = {
  /** Who takes the lock of the environment. */
  by: string;
  /** Waits for those who write. UNAVAILABLE while somebody else holds them. */
  begin(): Promise<void>;
  /** Has them wait further, in the middle of long work. */
  renew(): Promise<void>;
  /** A statement that lets them go with the transaction that it is in. */
  letGo(): SQL;
  end(): Promise<void>;
};

/** A hold that has not begun. */
export function newHold(ctx: Context): Hold {
  const by = crypto.randomUUID();
  const own = sql`tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid`;
  const until = sql`clock_timestamp() + ${HOLD_MS}::int * interval '1 millisecond'`;
  let startedAt: number | undefined;
  let renewedAt = 0;
  const letGo = () => sql`update environments set held_until = null, held_by = null
    where ${own} and held_by = ${by}`;
  // Not what an idempotency key stands for.
  const run = (...statements: SQL[]) => ctx.db.run(statements, { kind: "rebuild", isRead: true });
  return {
    by,
    async begin() {
      startedAt ??= Date.now();
      renewedAt = Date.now();
      const held = sql`update environments set held_until = ${until}, held_by = ${by} where ${own}`;
      await run(lockEnvironment(ctx, by), held);
    },
    async renew() {
      const now = Date.now();
      if (startedAt === undefined || now - renewedAt < RENEW_MS || now - startedAt > MAX_HOLD_MS) return;
      renewedAt = now;
      await run(sql`update environments set held_until = ${until}
        where ${own} and held_by = ${by} and held_until > clock_timestamp()`);
    },
    letGo,
    async end() {
      if (startedAt !== undefined) await run(letGo());
    },
  };
}
