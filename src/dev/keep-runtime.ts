import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { guardWorkerd } from "./guard-children.ts";
import type { Restarts } from "./restarts.ts";

type Runtime = { miniflare: Miniflare; close(): Promise<void> };

const NAME = "The Workers' runtime (workerd)";

/**
 * Runs workerd and restarts it on the same ports when it dies, as often as `restarts` allows; then calls
 * `onGivenUp`. `optionsAt` returns Miniflare's options with the gateway at that port.
 */
export async function keepRuntime(options: {
  port: number;
  optionsAt: (port: number) => object;
  gateway: string;
  isQuiet: boolean;
  restarts: Restarts;
  onGivenUp: (error: Error) => void;
}): Promise<Runtime> {
  const { optionsAt, gateway, isQuiet, restarts, onGivenUp } = options;
  let { port } = options;
  let guard: ReturnType<typeof guardWorkerd> | undefined;
  let isClosing = false;

  const isCounted = (why: string): boolean => {
    if (isClosing) return false;
    try {
      restarts.count(NAME, why);
      return true;
    } catch (error) {
      onGivenUp(error as Error);
      return false;
    }
  };
  const renewGuard = () => {
    guard?.release();
    guard = guardWorkerd();
  };
  /** Miniflare tries once by itself. */
  const onRestarted = () => {
    if (isCounted("its process has ended")) renewGuard();
  };
  const onNotRestarted = async () => {
    while (isCounted("it did not start")) {
      const isUp = await miniflare.setOptions(whole()).then(
        () => true,
        () => false,
      );
      if (isUp) return renewGuard();
    }
  };
  const log = new RuntimeLog(isQuiet ? LogLevel.ERROR : LogLevel.WARN, () => void onNotRestarted());
  const whole = () =>
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      log,
      unsafeHandleRuntimeRestart: onRestarted,
      cf: false,
      logRequests: false,
      telemetry: { enabled: false },
      ...optionsAt(port),
    } as never);

  const miniflare = new Miniflare(whole());
  await miniflare.ready;
  port = Number((await miniflare.unsafeGetDirectURL(gateway)).port);
  guard = guardWorkerd();
  return {
    miniflare,
    async close() {
      isClosing = true;
      await miniflare.dispose();
      guard?.release();
    },
  };
}

/** The only report that workerd was not restarted. */
class RuntimeLog extends Log {
  readonly #onNotRestarted: () => void;

  constructor(level: LogLevel, onNotRestarted: () => void) {
    super(level);
    this.#onNotRestarted = onNotRestarted;
  }

  override log(message: string): void {
    process.stderr.write(`${message}\n`);
  }

  override error(message: Error): void {
    super.error(message);
    if ((message as { code?: string }).code === "ERR_RUNTIME_FAILURE") this.#onNotRestarted();
  }
}
