import { AppError } from "../core/errors.ts";

/** Any error as the one the caller sees. What nobody foresaw is INTERNAL and logged without request data. */
export function translate(error: unknown, path: string): AppError {
  if (error instanceof AppError) {
    if (error.code === "INTERNAL" || error.code === "UNAVAILABLE") log(error, path);
    return error;
  }
  log(error, path);
  return new AppError(
    "INTERNAL",
    "http/unexpected",
    "Something went wrong on our side. The request id helps us find it.",
  );
}

function log(error: unknown, path: string): void {
  const { message, stack, cause } = error as Error;
  const inner = (cause as Error | undefined)?.message;
  console.error(
    JSON.stringify({
      event: "request.failed",
      path: path.slice(0, 200),
      message,
      cause: inner,
      stack: stack?.slice(0, 2000),
    }),
  );
}
