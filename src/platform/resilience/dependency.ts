import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  isTaskCancelledError,
  TaskCancelledError,
  type CircuitBreakerPolicy,
} from "cockatiel";

/** Failures in a row after which nobody waits for a dependency any more. */
const OPENS_AFTER = 5;
/** How long it is left alone before one caller tries it again. */
const HALF_OPEN_AFTER_MS = 250;
/** A trial that has not ended by then is given up: whoever asked may have gone. */
const TRIAL_MAX_MS = 1000;

/** How a dependency does, for `/readyz`: since when (ISO 8601), and the class of its last failure. */
export type DependencyState = {
  state: "closed" | "open" | "half_open";
  since: string;
  last_error: string | null;
};

/** Thrown in place of a call that would be in vain. */
export class DependencyDown extends Error {}

export type Dependency = {
  /**
   * Runs `work` while the dependency is held to be there; throws DependencyDown at once while it is
   * not, and whatever `work` throws. After `timeoutMs` the signal is aborted and the work has failed.
   */
  run<T>(work: (signal: AbortSignal | undefined) => Promise<T>, timeoutMs?: number): Promise<T>;
  state(): DependencyState;
};

type Options<T> = {
  /** Whether an error is the dependency's failure; every one by default. */
  isFailure?: (error: Error) => boolean;
  /** The class of the failure that an answer is in itself; undefined for none. */
  failureOf?: (answer: T) => string | undefined;
  now?: () => number;
};

/**
 * A breaker before what a Worker depends on. It lives as long as the isolate, while the promises that
 * pass through it belong to requests that may be cut off: so nobody ever waits for another's probe,
 * and a probe that never ends is given up.
 */
export function newDependency(
  name: string,
  { isFailure = () => true, failureOf, now = Date.now }: Options<unknown> = {},
): Dependency {
  let since = now();
  let lastError: string | null = null;
  let policy: CircuitBreakerPolicy = close();

  function close(): CircuitBreakerPolicy {
    const handled = handleWhen((error) => !(error instanceof DependencyDown) && isFailure(error as Error));
    const failures = failureOf ? handled.orWhenResult((answer) => failureOf(answer) !== undefined) : handled;
    const made = circuitBreaker(failures, {
      halfOpenAfter: HALF_OPEN_AFTER_MS,
      breaker: new ConsecutiveBreaker(OPENS_AFTER),
    });
    made.onStateChange((state) => {
      since = now();
      const { last_error } = shown(state);
      console.warn(
        JSON.stringify({ event: "dependency.changed", name, state: STATES[state], error: last_error }),
      );
    });
    return made;
  }

  const shown = (state: CircuitState): DependencyState => ({
    state: STATES[state],
    since: new Date(since).toISOString(),
    last_error: lastError,
  });

  return {
    async run(work, timeoutMs) {
      if (policy.state === CircuitState.HalfOpen) {
        if (now() - since < TRIAL_MAX_MS) throw new DependencyDown(`${name} is being tried again`);
        policy = close();
        since = now();
      }
      const noted = async () => {
        try {
          const answer = await (timeoutMs === undefined ? work(undefined) : within(timeoutMs, work));
          lastError = failureOf?.(answer) ?? lastError;
          return answer;
        } catch (error) {
          if (isFailure(error as Error)) lastError = classOf(error);
          throw error;
        }
      };
      try {
        return await policy.execute(noted);
      } catch (error) {
        if (isBrokenCircuitError(error))
          throw new DependencyDown(`${name} is left alone for a moment`, { cause: error });
        throw error;
      }
    },
    state: () => shown(policy.state),
  };
}

/** What `work` answers within that time; after it the signal is aborted. */
async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new TaskCancelledError(`Operation timed out after ${timeoutMs} ms`);
      waiting.abort(error);
      reject(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(waiting.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

const STATES = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half_open",
  [CircuitState.Isolated]: "open",
} as const;

/** What kind of failure it was: never its words, which may hold an address or a secret. */
function classOf(error: unknown): string {
  if (isTaskCancelledError(error)) return "timeout";
  const { name } = error as Error;
  return name === "AbortError" || name === "TimeoutError" ? "timeout" : "unreachable";
}
