import { BUCKETS, isPlan, MAX_TOKENS_PER_BUCKET, MIN_WRITES, PLANS } from "../core/plans.ts";
import type { PlanChange } from "../domain/tenant/tenants/index.ts";

/** The options of `npm run tenant` about plans. */
export const PLAN_OPTIONS = {
  plan: { type: "string" },
  writes: { type: "string" },
  "costly-reads": { type: "string" },
} as const;

type Given = { [name in keyof typeof PLAN_OPTIONS]?: string | undefined };

/** What they say; undefined when none is given. Throws with what they must be. */
export function planChangeFrom(given: Given): PlanChange | undefined {
  const { plan } = given;
  if (plan !== undefined && plan !== "default" && !isPlan(plan))
    throw new Error(`--plan must be ${Object.keys(PLANS).join(", ")} or default, not "${plan}".`);
  const quotas: NonNullable<PlanChange["quotas"]> = {};
  for (const name of BUCKETS) {
    const text = given[name];
    if (text !== undefined) quotas[name] = text === "default" ? null : tokensFrom(name, text);
  }
  if (plan === undefined && Object.keys(quotas).length === 0) return undefined;
  return { quotas, ...(plan === undefined ? {} : { plan: plan === "default" ? null : plan }) };
}

function tokensFrom(name: (typeof BUCKETS)[number], text: string): number {
  const least = name === "writes" ? MIN_WRITES : 1;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < least || count > MAX_TOKENS_PER_BUCKET)
    throw new Error(
      `--${name} must be ${least} to ${MAX_TOKENS_PER_BUCKET} within a minute, or default, not "${text}".`,
    );
  return count;
}
