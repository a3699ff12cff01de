import type { LiveOperation, LiveSocket } from "./live-socket.ts";

export type SubscribeOptions = {
  /** Ends the subscription. */
  signal?: AbortSignal | undefined;
  /** Resumes after a place that an earlier subscription was told of. */
  since?: string | undefined;
  /** Told that changes were missed for good, after a long time without a connection: read anew. */
  onGap?: (() => void) | undefined;
};

/**
 * Changes as they come. It is `ready` once it stands, so that what is read after that misses nothing,
 * or has ended; `since` is where the last change was; `close` ends it.
 */
export type Subscription<T> = AsyncIterableIterator<T> & {
  readonly ready: Promise<void>;
  readonly since: string | undefined;
  close(): void;
};

/** Subscribes; throws a FlowError from the iteration where that is refused. */
export function subscribeTo<T>(
  socket: LiveSocket,
  query: string,
  variables: Record<string, unknown>,
  { signal, since, onGap }: SubscribeOptions,
): Subscription<T> {
  const waiting: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void }[] = [];
  const queue: T[] = [];
  let end: { error?: unknown } | undefined;
  let stand = (): void => {};
  const ready = new Promise<void>((resolve) => (stand = resolve));
  const finish = (how: { error?: unknown }): void => {
    if (end) return;
    end = how;
    stand();
    signal?.removeEventListener("abort", close);
    for (const { resolve, reject } of waiting.splice(0))
      if ("error" in how) reject(how.error);
      else resolve({ done: true, value: undefined });
  };
  const operation: LiveOperation = {
    query,
    variables,
    since,
    next(data) {
      const first = waiting.shift();
      if (first) first.resolve({ done: false, value: data as T });
      else queue.push(data as T);
    },
    fail: (error) => finish({ error }),
    end: () => finish({}),
    stands: stand,
    gap: () => onGap?.(),
  };
  const id = socket.add(operation);
  function close(): void {
    socket.remove(id);
    finish({});
  }
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  return {
    ready,
    get since() {
      return operation.since;
    },
    close,
    next() {
      if (queue.length > 0) return Promise.resolve({ done: false, value: queue.shift()! });
      if (end && "error" in end) return Promise.reject(end.error);
      if (end) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
