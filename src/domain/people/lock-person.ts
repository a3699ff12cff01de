import { sql, type SQL } from "drizzle-orm";

/** A statement for the head of a batch: one change of the account at a time, and no new membership or session meanwhile. */
export const lockPerson = (personId: string): SQL =>
  sql`select 1 from people where id = ${personId} for update`;
