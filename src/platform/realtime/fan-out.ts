import { isOfInterest, type ExecuteAnswer, type LiveEvent } from "../../core/live.ts";
import type { ContentDesk } from "./ask-content.ts";
import { parseSince } from "./hub-log.ts";
import { EXECUTED_AT_ONCE } from "./limits.ts";
import { nextFrame } from "./protocol.ts";
import { latestOfInterest, type Listener, type Standing } from "./room.ts";

/** A subscription, and one of those who have it, in whose name it is executed. */
export type Asked = { standing: Standing; listener: Listener };

/** Executes subscriptions for events that are of interest to them; each once, whoever has it. */
export async function executeFor(
  desk: ContentDesk,
  asked: readonly Asked[],
  events: readonly LiveEvent[],
): Promise<ExecuteAnswer> {
  let answer: ExecuteAnswer = {};
  for (let i = 0; i < asked.length; i += EXECUTED_AT_ONCE) {
    const some = asked.slice(i, i + EXECUTED_AT_ONCE);
    const keysOf = new Map<LiveEvent, string[]>();
    for (const { standing } of some)
      for (const event of latestOfInterest(standing.interest, events))
        keysOf.set(event, [...(keysOf.get(event) ?? []), standing.key]);
    const wanted = events.flatMap((event) => {
      const keys = keysOf.get(event);
      return keys ? [{ event, keys }] : [];
    });
    const named = new Set(wanted.flatMap(({ keys }) => keys));
    const subscriptions = some
      .filter(({ standing }) => named.has(standing.key))
      .map(({ standing: { key, request }, listener: { seat } }) => ({
        key,
        request,
        subscriber: seat.subscriber!,
      }));
    answer = { ...answer, ...(await desk.execute({ subscriptions, events: wanted })) };
  }
  return answer;
}

/** Whether any of the events is of interest. */
export const concerns = ({ interest }: Standing, events: readonly LiveEvent[]): boolean =>
  events.some((event) => isOfInterest(interest, event));

/**
 * Tells listeners of results: the same bytes to each, but for the id of their operation. Whoever is
 * being told of what they missed gets it after that; whoever was told already does not.
 */
export function tell(
  listeners: Iterable<Listener>,
  results: readonly (readonly [since: string, result: string])[],
  send: (listener: Listener, frame: string) => void,
): void {
  const numbered = results.map(([since, result]) => [since, parseSince(since)?.seq ?? 0, result] as const);
  for (const listener of listeners) {
    const { id, operation } = listener;
    for (const [since, seq, result] of numbered) {
      if (seq <= operation.upTo) continue;
      if (operation.held) operation.held.push({ since, frame: nextFrame(id, result) });
      else {
        operation.upTo = seq;
        send(listener, nextFrame(id, result));
      }
    }
  }
}
