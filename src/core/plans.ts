/** What a tenant has a quota of: a bucket of tokens for each. */
export const BUCKETS = ["writes", "costly-reads"] as const;
export type BucketName = (typeof BUCKETS)[number];

/** The tokens that each bucket holds; an empty one is full again after `REFILL_SECONDS`. */
export type Quotas = Readonly<Record<BucketName, number>>;

/** A bucket is refilled evenly, within this time. */
export const REFILL_SECONDS = 60;

/** The largest bulk takes this many tokens at once, so no bucket for writes may be smaller. */
export const MIN_WRITES = 500;
export const MAX_TOKENS_PER_BUCKET = 1_000_000;

/** The published plans. A tenant without one has the installation's: DEFAULT_PLAN, else `self_hosted`. */
export const PLANS = {
  free: { writes: 600, "costly-reads": 120 },
  team: { writes: 3000, "costly-reads": 600 },
  business: { writes: 12_000, "costly-reads": 3000 },
  enterprise: { writes: 60_000, "costly-reads": 12_000 },
  self_hosted: { writes: 600_000, "costly-reads": 120_000 },
} as const satisfies Record<string, Quotas>;
export type PlanName = keyof typeof PLANS;

export const isPlan = (name: string): name is PlanName => Object.hasOwn(PLANS, name);

/** The plan of a tenant: its own, else the installation's. */
export const planOf = (plan: string | null | undefined, defaultPlan: string | undefined): PlanName =>
  ([plan, defaultPlan].find((one) => one != null && isPlan(one)) as PlanName | undefined) ?? "self_hosted";

/** The quotas of a tenant: its plan's, with what an operator set for it alone. */
export const quotasOf = (
  { plan, quotas }: { plan?: string | null; quotas?: Partial<Quotas> },
  defaultPlan: string | undefined,
): Quotas => ({ ...PLANS[planOf(plan, defaultPlan)], ...quotas });

/** The members of `RateLimit-Policy` for quotas. */
export const policyOf = (quotas: Quotas): string =>
  BUCKETS.map((name) => `"${name}";q=${quotas[name]};w=${REFILL_SECONDS}`).join(", ");
