/** The members of `RateLimit` that a Worker behind adds to an answer, for the gateway alone. */
export const QUOTA_HEADER = "x-flow-quota";
