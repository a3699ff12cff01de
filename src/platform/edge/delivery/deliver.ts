import type { GatewayBindings } from "../env.ts";
import { FILL_MAX_MS, type CachedAnswer } from "./answer-cache.ts";
import { answers } from "./answers.ts";
import type { DeliveryProps, GatewayExecution } from "./execution.ts";
import { keepBehind, noteServed } from "./keep-behind.ts";
import { toCachedAnswer } from "./to-cached-answer.ts";

/** A request with a shared response; `headers` are those of its first caller, for Delivery. */
export type SharedRequest = {
  key: string;
  props: DeliveryProps;
  path: string;
  headers: Record<string, string>;
};

/** An answer for everybody, and whether it was there. */
export type Delivered = { answer: CachedAnswer; state: "HIT" | "MISS" | "STALE" };

/** The cache key: everything that the response depends on. */
export const answerKey = ({ tenant, environment, generation, accept }: DeliveryProps, path: string): string =>
  `${tenant}|${environment}|${generation}|${accept}|${path}`;

/** The answer under a key while it is fresh. */
export function freshAnswer(key: string, now: number): CachedAnswer | undefined {
  const cached = answers.get(key);
  return cached && cached.freshUntil > now ? cached : undefined;
}

/** Marks an answer as just used; called now and then, not on every hit. */
export function touchAnswer(key: string): void {
  answers.touch(key);
  noteServed(key);
}

/**
 * The answer of Delivery, asked once for all who want it meanwhile; a stale one at once, while the
 * new one is fetched, and where there is no new one. What may not be kept is the response itself, for this caller alone.
 */
export async function deliver(
  { key, props, path, headers }: SharedRequest,
  env: Pick<GatewayBindings, "CACHE" | "KEPT">,
  execution: GatewayExecution,
  now: number,
): Promise<Delivered | Response> {
  const cached = answers.get(key);
  const ask = () =>
    execution.exports.Delivery({ props }).fetch(new Request(`https://delivery${path}`, { headers }));
  const askedAt = Date.now();
  const fill = answers.fill(
    key,
    () => askedAt,
    async () => toCachedAnswer(await ask(), env.CACHE, Date.now()),
  );
  // Others may wait for this fill: it goes on when its own caller hangs up.
  if (fill.isLeader)
    execution.waitUntil(
      fill.answer.then(
        (answer) => answer instanceof Response || keepBehind({ key, askedAt, answer }, env, execution),
        () => {},
      ),
    );
  if (cached && cached.staleUntil > now) return { answer: cached, state: "STALE" };
  try {
    const answer = await (fill.isLeader ? fill.answer : joined(fill.answer));
    if (answer && !(answer instanceof Response)) return { answer, state: stateOf(answer, fill.isLeader) };
    const own = answer ?? (await ask());
    // A quota that is used up refuses nobody what is there.
    const last = own.status >= 500 || own.status === 429 ? await lastGood(key, env) : undefined;
    if (!last) return undone(own);
    void own.body?.cancel();
    return { answer: last, state: "STALE" };
  } catch (error) {
    const last = await lastGood(key, env);
    if (!last) throw error;
    return { answer: last, state: "STALE" };
  }
}

/**
 * The answer of another request's fill; undefined when that takes long. The timer is more than a limit:
 * workerd ends a request that waits for nothing of its own as one that hangs.
 */
async function joined(answer: Promise<CachedAnswer | undefined>): Promise<CachedAnswer | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>(
    (resolve) => (timer = setTimeout(() => resolve(undefined), FILL_MAX_MS)),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A GraphQL answer with the status that it has for clients. */
function undone(response: Response): Response {
  const status = response.headers.get("x-flow-failed");
  if (status === null) return response;
  const answer = new Response(response.body, { status: Number(status), headers: response.headers });
  answer.headers.delete("x-flow-failed");
  return answer;
}

const stateOf = ({ isStale }: CachedAnswer, isLeader: boolean): Delivered["state"] =>
  isStale ? "STALE" : isLeader ? "MISS" : "HIT";

/**
 * The last good answer under a key, from memory or the disk: one that nothing has purged since, and at
 * most a day old.
 */
async function lastGood(
  key: string,
  { KEPT }: Pick<GatewayBindings, "KEPT">,
): Promise<CachedAnswer | undefined> {
  const now = Date.now();
  const known = answers.get(key);
  if (known) return known.keptUntil > now ? known : undefined;
  const found = await KEPT?.getByName("answers")
    .find(key)
    .catch(() => null);
  return found && answers.restore(key, found, now) ? found : undefined;
}
