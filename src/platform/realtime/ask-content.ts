import type {
  ExecuteAnswer,
  ExecuteRequest,
  PlanAnswer,
  PlanRequest,
  SignInAnswer,
  Subscriber,
} from "../../core/live.ts";
import type { Arrival } from "./seat.ts";

const TRIES = 3;
const PAUSE_MS = 200;
const CHECKED_AT_ONCE = 1000;

/** What a shard asks CONTENT, which alone knows of credentials, schemas and entries. */
export const contentDesk = (content: Fetcher) => ({
  signIn: (arrival: Arrival, ticket: string | undefined): Promise<SignInAnswer> => {
    const { authorization, tenants, address, environment, plan } = arrival;
    return ask(content, "sign-in", { authorization, ticket, from: { tenants, address, environment, plan } });
  },
  async again(subscribers: readonly Subscriber[]): Promise<(string | null)[]> {
    const seen: (string | null)[] = [];
    for (let i = 0; i < subscribers.length; i += CHECKED_AT_ONCE)
      seen.push(
        ...(await askAgain<typeof seen>(content, "again", subscribers.slice(i, i + CHECKED_AT_ONCE))),
      );
    return seen;
  },
  /** Asked once: it may be a mutation. */
  plan: (request: PlanRequest): Promise<PlanAnswer> => ask(content, "plan", request),
  execute: (request: ExecuteRequest): Promise<ExecuteAnswer> => askAgain(content, "execute", request),
});
export type ContentDesk = ReturnType<typeof contentDesk>;

async function ask<T>(content: Fetcher, what: string, body: unknown): Promise<T> {
  const response = await content.fetch(`https://content/realtime/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  await response.body?.cancel();
  throw new Error(`CONTENT answered ${response.status} to ${what}.`);
}

async function askAgain<T>(content: Fetcher, what: string, body: unknown): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(content, what, body);
    } catch (error) {
      if (attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}
