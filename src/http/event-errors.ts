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

/** Whether what failed is to be tried again as it is. */
export const isPassingFailure = (error: unknown): boolean => error instanceof AppError && isPassing(error);

/** What was wrong, in the words that an operator looks for: reason, and what the database said. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = (cause as { cause?: Error } | undefined)?.cause ?? (cause as Error | undefined);
  const reason = error instanceof AppError ? `${error.reason}: ` : "";
  return cutText(`${reason}${inner?.message ?? message}`, MAX_REASON_CHARS).replaceAll("\0", "");
}
