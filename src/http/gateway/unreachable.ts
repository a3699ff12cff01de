import { AppError } from "../../core/errors.ts";

/** What nobody foresaw on the way to another Worker. */
export function unreachable(error: unknown): AppError {
  console.error(
    JSON.stringify({
      event: "gateway.failed",
      message: (error as Error).message,
      stack: (error as Error).stack?.slice(0, 1000),
    }),
  );
  return new AppError("UNAVAILABLE", "http/service-unreachable", "A service is unreachable: try again.", {
    headers: { "retry-after": "1" },
  });
}
