import { sql, type SQL } from "drizzle-orm";

/**
 * A statement for the head of a batch: one change of the account at a time, and no new membership or
 * session meanwhile.
 */
export const lockPerson = (personId: string): SQL =>
  sql`select 1 from people where id = ${personId} for update`;

/**
 * The CTE `alive`: the person's `person_id`, held so that the account does not go before the
 * transaction has ended; no row when it is gone. Who makes a member of somebody takes them from it,
 * since no foreign key leads out of a tenant.
 */
export const aliveCte = (personId: string | null): SQL =>
  sql`alive as (select id as person_id from people where id = ${personId}::text for key share)`;
