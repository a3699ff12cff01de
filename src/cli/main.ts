import { readFileSync } from "node:fs";
import { UsageError } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { describeError, print } from "./terminal.ts";

/** Runs a command and answers its exit code; nothing is ever asked of the person. */
export async function run(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") return print(overview());
    if (name === "--version") return print(`${version()}\n`);
    const command = COMMANDS.find((one) => one.name === name);
    if (!command)
      throw new UsageError(
        `There is no command "${name}". There are: ${COMMANDS.map((one) => one.name).join(", ")}.`,
      );
    if (rest.includes("--help") || rest.includes("-h")) return print(command.help);
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
      const page = COMMANDS.some((one) => one.name === name) ? `flow ${name} --help` : "flow --help";
      process.stderr.write(`${(error as Error).message}\n\nSee: ${page}\n`);
      return 2;
    }
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const lines = COMMANDS.map((command) => `  flow ${command.name.padEnd(width)}   ${command.summary}`);
  return `flow: FlowCMS from the command line.\n\n${lines.join("\n")}\n\nRun \`flow COMMAND --help\` for a command's own page, \`flow --version\` for the version.\n`;
}

const version = () =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string })
    .version;
