import { AppError } from "../core/errors.ts";

/**
 * Whether work failed because its environment was deleted meanwhile: there is nothing to bring up to
 * date then.
 */
export const isGone = (error: unknown): boolean =>
  error instanceof AppError && error.reason === "environments/not-found";
