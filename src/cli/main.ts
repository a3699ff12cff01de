import { readFileSync } from "node:fs";
import { UsageError, type Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { suggest } from "./suggest.ts";
import { describeError, errorAsJson, print } from "./terminal.ts";

/** Runs a command and answers its exit code. */
export async function run(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h") return print(overview());
    if (name === "help")
      return print(rest[0] === undefined ? overview() : pageOf(commandOf(rest[0]), rest.slice(1)));
    if (name === "--version" || name === "-V") return print(`${version()}\n`);
    const command = commandOf(name);
    const end = rest.indexOf("--");
    const options = end === -1 ? rest : rest.slice(0, end);
    if (options.includes("--help") || options.includes("-h")) return print(pageOf(command, rest));
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
      const command = COMMANDS.find((one) => one.name === name);
      const sub = rest.find((arg) => command?.pages?.[arg] !== undefined);
      const page = ["flow", ...(command ? [command.name] : []), ...(sub ? [sub] : []), "--help"].join(" ");
      process.stderr.write(`${(error as Error).message}\n\nSee: ${page}\n`);
      return 2;
    }
    if (rest.includes("--json")) print(`${JSON.stringify({ ok: false, error: errorAsJson(error) })}\n`);
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  throw new UsageError(`There is no command "${name}".${suggest(name, names)}`);
}

function pageOf(command: Command, rest: string[]): string {
  const sub = rest.find((arg) => !arg.startsWith("-"));
  return (sub !== undefined && command.pages?.[sub]) || command.help;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const lines = COMMANDS.map((command) => `  flow ${command.name.padEnd(width)}   ${command.summary}`);
  return `flow: FlowCMS from the command line.\n\n${lines.join("\n")}\n\nRun \`flow COMMAND --help\` for a command's own page, \`flow --version\` for the version.\n`;
}

const version = () =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string })
    .version;
