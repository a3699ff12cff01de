import { UsageError, type Command } from "./command.ts";
import { suggest } from "./suggest.ts";

/** The help lines of a command's subcommands. */
export function listSubcommands(name: string, commands: Readonly<Record<string, Command>>): string {
  const width = Math.max(...Object.keys(commands).map((one) => one.length));
  return Object.values(commands)
    .map((command) => `  flow ${name} ${command.name.padEnd(width)}   ${command.summary}`)
    .join("\n");
}

/** The help pages of a command's subcommands. */
export const pagesOf = (commands: Readonly<Record<string, Command>>): Record<string, string> =>
  Object.fromEntries(Object.values(commands).map(({ name, help }) => [name, help]));

/**
 * Runs the subcommand that the first argument names; UsageError with the nearest name when there is
 * none.
 */
export function runSubcommand(
  name: string,
  commands: Readonly<Record<string, Command>>,
  [sub, ...rest]: string[],
): Promise<number> {
  const names = Object.keys(commands);
  if (sub === undefined) throw new UsageError(`Which subcommand? flow ${name} ${names.join("|")}`);
  const command = Object.hasOwn(commands, sub) ? commands[sub] : undefined;
  if (!command) throw new UsageError(`flow ${name} has no subcommand "${sub}".${suggest(sub, names)}`);
  return command.run(rest);
}
