import { FlowError } from "../sdk/index.ts";

/** Writes to standard output; answers 0, the exit code of what went well. */
export function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

/**
 * A progress bar on standard error, drawn only on a terminal; call the answered functions with what is
 * done, and at the end.
 */
export function progressBar(isWanted: boolean): {
  draw: (done: number, total: number) => void;
  end: () => void;
} {
  if (!isWanted || !process.stderr.isTTY) return { draw: () => {}, end: () => {} };
  const width = 30;
  return {
    draw: (done, total) => {
      const filled = Math.round((width * done) / Math.max(1, total));
      process.stderr.write(`\r  ${"█".repeat(filled)}${"░".repeat(width - filled)} ${done}/${total}`);
    },
    end: () => void process.stderr.write("\n"),
  };
}

/** Like `progressBar`, where the total is not known. */
export function progressCount(isWanted: boolean, what: string) {
  const isShown = isWanted && process.stderr.isTTY;
  return {
    draw: (done: number) => void (isShown && process.stderr.write(`\r  ${done} ${what}`)),
    end: () => void (isShown && process.stderr.write("\n")),
  };
}

/** An error as text: the message, and each detail on its own line. */
export function describeError(error: unknown): string {
  if (error instanceof FlowError && error.status > 0) {
    const details = error.details.slice(0, 20).map(({ path, message }) => `\n  ${path}: ${message}`);
    return `FlowCMS refused: ${error.message} (${error.reason}, request ${error.requestId ?? "?"})${details.join("")}`;
  }
  const said: string[] = [];
  for (let one = error as Error | undefined; one; one = one.cause as Error | undefined)
    if (one.message) said.push(one.message.replace(/\.$/, ""));
  return said.join(": ");
}

/** An error for a program: `flow … --json`. */
export function errorAsJson(error: unknown): Record<string, unknown> {
  if (!(error instanceof FlowError)) return { message: describeError(error) };
  const { code, reason, message, details, requestId } = error;
  return { code, reason, message, details, request_id: requestId };
}
