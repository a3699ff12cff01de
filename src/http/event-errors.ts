import { AppError } from "../core/errors.ts";
import { cutText } from "../core/cut-text.ts";
import { isPassing } from "../db/errors.ts";

const MAX_REASON_CHARS = 500;

/**
 * Whether work failed because its environment was deleted meanwhile: there is nothing to bring up to
 * date then.
 */
export const isGone = (error: unknown): boolean =>
  error instanceof AppError && error.reason === "environments/not-found";

/** Whether a failed event should be retried. */
export const isPassingFailure = (error: unknown): boolean => error instanceof AppError && isPassing(error);

/** The error for operators: its reason, and the database's message. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = (cause as { cause?: Error } | undefined)?.cause ?? (cause as Error | undefined);
  const reason = error instanceof AppError ? `${error.reason}: ` : "";
  return cutText(`${reason}${inner?.message ?? message}`, MAX_REASON_CHARS).replaceAll("\0", "");
}
