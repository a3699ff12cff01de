import { AppError } from "../../../core/errors.ts";
import { cutText } from "../../../core/cut-text.ts";
import { isPassing } from "../../../db/errors.ts";
import type { OutboxEvent, Undelivered } from "./outbox.ts";

const MAX_REASON_CHARS = 500;

/**
 * Handles events together; where that fails each half by itself, down to the one that cannot be
 * handled. Throws when nothing can be handled now.
 */
export async function eachOrAll(
  events: OutboxEvent[],
  handle: (events: OutboxEvent[]) => Promise<Undelivered[]>,
): Promise<Undelivered[]> {
  try {
    return await handle(events);
  } catch (error) {
    if (isPassingFailure(error)) throw error;
    if (events.length === 1) return [{ event: events[0]!, reason: reasonOf(error), isPermanent: false }];
    const half = events.length >> 1;
    const first = await eachOrAll(events.slice(0, half), handle);
    return [...first, ...(await eachOrAll(events.slice(half), handle))];
  }
}

/** Whether a failed event should be retried. */
export const isPassingFailure = (error: unknown): boolean => error instanceof AppError && isPassing(error);

/** The error for operators: its reason, and the database's message. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = (cause as { cause?: Error } | undefined)?.cause ?? (cause as Error | undefined);
  const reason = error instanceof AppError ? `${error.reason}: ` : "";
  return cutText(`${reason}${inner?.message ?? message}`, MAX_REASON_CHARS).replaceAll("\0", "");
}
