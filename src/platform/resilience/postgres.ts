import { newDependency } from "./dependency.ts";

/** Postgres as this Worker knows it. */
export const postgres = newDependency("postgres", {
  failureOf: (answer) => failures.get(answer as Response),
});
const failures = new WeakMap<Response, string>();

/** States of a server that takes nobody in: connection lost (08), out of resources (53), shutting down (57P). */
const IS_AWAY = /"code":"((?:08|53|57P)\w{2,3})"/;

/** The way to the database's endpoint, past its breaker; `timeoutMs` of the request is its time in all. */
export function guardedWay(fetchIt: typeof fetch): typeof fetch {
  const ask = async (to: string, init: RequestInit, signal: AbortSignal | undefined) => {
    const response = await fetchIt(to, signal ? { ...init, signal } : init);
    if (response.ok) return response;
    const text = await response.text();
    const failure = response.status >= 500 ? String(response.status) : IS_AWAY.exec(text)?.[1];
    const answer = new Response(text, { status: response.status, headers: response.headers });
    if (failure !== undefined) failures.set(answer, failure);
    return answer;
  };
  return ((to: string, { timeoutMs, ...init }: RequestInit & { timeoutMs?: number }) =>
    postgres.run((signal) => ask(to, init, signal), timeoutMs)) as typeof fetch;
}
