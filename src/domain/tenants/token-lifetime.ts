import { sql } from "drizzle-orm";

/**
 * Longer than any access token of ours lives (five minutes): a revocation is kept, and a retired key published, for as long.
 */
export const OUTLIVES_TOKENS = sql.raw("interval '10 minutes'");
