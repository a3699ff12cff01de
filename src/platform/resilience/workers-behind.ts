import { AppError } from "../../core/errors.ts";
import { newDependency, type Dependency } from "./dependency.ts";

const TIMEOUT_MS = 30_000;

/** The Workers behind the gateway. What they answer is no failure of theirs, whatever it says. */
export const content = newDependency("content", { isFailure: (error) => !(error instanceof CutOff) });
export const identity = newDependency("identity", { isFailure: (error) => !(error instanceof CutOff) });

/** A request with a body may have failed by whoever sends it, as long as nothing else speaks against the Worker. */
class CutOff extends Error {}

const blamed = (worker: Dependency, cause: unknown): unknown =>
  worker.state().state === "closed" ? new CutOff("cut off", { cause }) : cause;

/**
 * Asks a Worker behind, at once or not at all while it is away; a read within 30 seconds. Throws
 * UNAVAILABLE.
 */
export async function askBehind(
  worker: Dependency,
  service: Pick<Fetcher, "fetch">,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const hasBody = init.body !== undefined && init.body !== null;
  const isRead = init.method === undefined || init.method === "GET" || init.method === "HEAD";
  const ask = (signal: AbortSignal | undefined) =>
    service.fetch(url, { ...init, ...(signal ? { signal } : {}) } as never) as unknown as Promise<Response>;
  const asked = hasBody
    ? () => ask(undefined).catch((cause: unknown) => Promise.reject(blamed(worker, cause)))
    : ask;
  try {
    return await worker.run(asked, isRead ? TIMEOUT_MS : undefined);
  } catch (cause) {
    throw new AppError("UNAVAILABLE", "http/service-unreachable", "A service is unreachable: try again.", {
      headers: { "retry-after": "1" },
      cause,
    });
  }
}
