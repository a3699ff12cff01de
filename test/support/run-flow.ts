import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

const FLOW = fileURLToPath(new URL("../../src/cli/flow.mjs", import.meta.url));

export type FlowRun = { code: number | null; out: string; err: string };
type Options = {
  token?: string | undefined;
  cwd?: string;
  /** The command line's file, where it is not the one of this source. */
  program?: string;
  env?: Record<string, string | undefined>;
  /** Told what the command has said on stderr so far, whenever it says more. */
  onErr?: (err: string) => void;
  /** Kills the command as soon as this holds. */
  killWhen?: () => Promise<boolean>;
  killSignal?: NodeJS.Signals;
};

/**
 * Runs the command line as a process of its own, without a terminal, and with no settings but those
 * given.
 */
export function runFlow(args: string[], options: Options = {}): Promise<FlowRun> {
  const env = {
    PATH: process.env["PATH"],
    HOME: temporaryFolder(),
    FLOW_URL: inject("url"),
    ...(options.token === undefined ? {} : { FLOW_TOKEN: options.token }),
    ...options.env,
  };
  const child = spawn(process.execPath, [options.program ?? FLOW, ...args], {
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    cwd: options.cwd ?? temporaryFolder(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (part) => (out += part));
  child.stderr.on("data", (part) => {
    err += part;
    options.onErr?.(err);
  });
  const done = new Promise<FlowRun>((resolve) =>
    child.on("close", (code) => {
      resolve({ code, out, err });
    }),
  );
  const { killWhen } = options;
  const watch = async () => {
    while (child.exitCode === null && !(await killWhen!()))
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(options.killSignal ?? "SIGKILL");
  };
  if (killWhen) void watch();
  return done;
}

/** A new empty folder. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "flow-cli-"));
