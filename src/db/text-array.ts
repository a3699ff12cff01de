import { sql, type SQL } from "drizzle-orm";

/** Texts as a Postgres array: one parameter, however many there are. */
export const textArray = (values: readonly string[]): SQL =>
  sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;
