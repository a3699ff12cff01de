import type { GatewayBindings } from "../env.ts";
import type { CachedAnswer } from "./answer-cache.ts";
import { answers } from "./answers.ts";
import type { DeliveryProps, GatewayExecution } from "./execution.ts";
import { toCachedAnswer } from "./to-cached-answer.ts";

/** A question that everybody gets one answer to; `headers` are what Delivery hears of who asks first. */
export type SharedRequest = {
  key: string;
  props: DeliveryProps;
  path: string;
  headers: Record<string, string>;
};

/** An answer for everybody, and whether it was there. */
export type Delivered = { answer: CachedAnswer; state: "HIT" | "MISS" | "STALE" };

/** Under what an answer is kept: all that it depends on. */
export const answerKey = ({ tenant, environment, generation, accept }: DeliveryProps, path: string): string =>
  `${tenant}|${environment}|${generation}|${accept}|${path}`;

/** The answer under a key while it is fresh. */
export function freshAnswer(key: string, now: number): CachedAnswer | undefined {
  const cached = answers.get(key);
  return cached && cached.freshUntil > now ? cached : undefined;
}

/** Marks an answer as just used; called now and then, not on every hit. */
export const touchAnswer = (key: string): void => answers.touch(key);

/**
 * The answer of Delivery, asked once for all who want it meanwhile; a stale one at once, while the
 * new one is fetched. What may not be kept is the response itself, for this caller alone.
 */
export async function deliver(
  { key, props, path, headers }: SharedRequest,
  { CACHE }: Pick<GatewayBindings, "CACHE">,
  execution: GatewayExecution,
  now: number,
): Promise<Delivered | Response> {
  const cached = answers.get(key);
  const ask = () =>
    execution.exports.Delivery({ props }).fetch(new Request(`https://delivery${path}`, { headers }));
  const fill = answers.fill(key, Date.now, async () => toCachedAnswer(await ask(), CACHE, Date.now()));
  // Others may wait for this fill: it goes on when its own caller hangs up.
  if (fill.isLeader) execution.waitUntil(fill.answer.catch(() => {}));
  if (cached && cached.staleUntil > now) return { answer: cached, state: "STALE" };
  const answer = await fill.answer;
  if (!(answer instanceof Response)) return { answer, state: fill.isLeader ? "MISS" : "HIT" };
  return fill.isLeader ? answer : ask();
}
