import { getOperationAST } from "graphql";
import type { Context } from "../../core/context.ts";
import { AppError } from "../../core/errors.ts";
import type {
  ExecuteAnswer,
  ExecuteRequest,
  Interest,
  LiveErrors,
  LiveEvent,
  PlanAnswer,
  PlanRequest,
  Subscriber,
} from "../../core/live.ts";
import type { ContentEnv } from "../../platform/content-env.ts";
import { createContext } from "../../platform/create-context.ts";
import { documentStore } from "../../platform/document-store.ts";
import type { Behind } from "../../platform/edge/env.ts";
import { NO_QUOTA } from "../../platform/quota/quota-port.ts";
import { answerBySchema } from "../graphql/answer-by-schema.ts";
import { preparedOf, refusing, requestStateOf } from "../graphql/answer-over-http.ts";
import type { Outcome } from "../graphql/graphql-errors.ts";
import { readMessage, type GraphQLRequest } from "../graphql/read-request.ts";
import type { Occasion } from "../graphql/subscriptions.ts";
import { callerOf, contextOf } from "./subscriber.ts";

/** What CONTENT works with for subscribers. */
export type Desk = { env: ContentEnv; behind: Behind };

/** Finds out what a subscription is about, and refuses one that cannot be; executes any other operation. */
export async function planSubscription(
  desk: Desk,
  { subscriber, request, isByGet }: PlanRequest,
): Promise<PlanAnswer> {
  const ctx = await contextAs(desk, subscriber);
  if ("seesAs" in ctx) return ctx;
  const found: { interest?: Interest; isSubscription: boolean } = { isSubscription: false };
  const occasion: Occasion = { asked: (interest) => (found.interest = interest) };
  const note = (operation: string) => (found.isSubscription = operation === "subscription");
  const read = () => readMessage(request, isByGet ? "GET_STREAM" : "SOCKET");
  const { result } = await execute(desk, ctx, read, occasion, note);
  if (found.interest && !result.errors) return { interest: found.interest };
  // A query that was executed says what came of it; anything else is refused as a whole.
  if (result.data === undefined || (found.isSubscription && result.errors)) return { errors: result.errors! };
  return { result: found.isSubscription ? null : JSON.stringify(result) };
}

/** Executes subscriptions for events, all of them at once: what they read shares round trips. */
export async function executeSubscriptions(
  desk: Desk,
  { subscriptions, events }: ExecuteRequest,
): Promise<ExecuteAnswer> {
  const answered = subscriptions.map(async ({ key, subscriber, request }) => {
    const ctx = await contextAs(desk, subscriber);
    if ("seesAs" in ctx) return [key, ctx] as const;
    const free: Context = { ...ctx, quota: NO_QUOTA };
    const read = () => readMessage(request, "SOCKET");
    const mine = events.filter(({ keys }) => keys.includes(key));
    const outcomes = await Promise.all(
      mine.map(async ({ event }) => ({ event, outcome: await execute(desk, free, read, { event }) })),
    );
    const refused = outcomes.find(({ outcome }) => isRefused(outcome));
    if (refused) return [key, { errors: refused.outcome.result.errors as LiveErrors }] as const;
    return [key, { results: outcomes.flatMap(({ event, outcome }) => shown(event, outcome)) }] as const;
  });
  return Object.fromEntries(await Promise.all(answered));
}

const ENDS = ["FORBIDDEN", "NOT_FOUND", "INVALID"];

/** Whether a subscription cannot be answered any more. Throws for what is down: it is tried again. */
function isRefused({ result, status }: Outcome): boolean {
  if (status >= 500)
    throw new AppError("UNAVAILABLE", "realtime/not-executed", "The subscription cannot be executed now.");
  if (result.data === undefined) return true;
  const isNothing = Object.values(result.data ?? {}).every((value) => value === null);
  return isNothing && result.errors?.some(({ extensions }) => ENDS.includes(extensions.code)) === true;
}

/** A result as it is sent, with where to resume; nothing where the event is nothing to the subscriber. */
function shown({ since }: LiveEvent, { result }: Outcome): [since: string, result: string][] {
  const isNothing = !result.errors && Object.values(result.data ?? {}).every((value) => value === null);
  return isNothing
    ? []
    : [[since, JSON.stringify({ ...result, extensions: { ...result.extensions, since } })]];
}

/** The context of a subscriber, if they see by now what they saw when they signed in. */
async function contextAs(
  { env, behind }: Desk,
  subscriber: Subscriber,
): Promise<Context | { seesAs: string | null }> {
  const now = await callerOf(env, subscriber, behind);
  if (now?.seesAs !== subscriber.seesAs) return { seesAs: now?.seesAs ?? null };
  return createContext(env, contextOf(now.caller, subscriber.from), behind.waitUntil.bind(behind));
}

function execute(
  { env }: Desk,
  ctx: Context,
  read: () => GraphQLRequest,
  occasion: Occasion,
  note: (operation: string) => void = () => {},
): Promise<Outcome> {
  const state = requestStateOf(ctx);
  const store = documentStore(env.redis);
  return refusing(async () => {
    const asked = read();
    const prepare = async (planned: Parameters<typeof preparedOf>[1]) => {
      const operation = await preparedOf(ctx, planned, asked, store);
      const { document } = operation.prepared;
      note((document && getOperationAST(document, asked.operationName)?.operation) ?? "");
      return operation;
    };
    return answerBySchema(ctx, state, prepare, occasion);
  });
}
