import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Client, Environment } from "../../sdk/index.ts";
import { UsageError, type Command } from "../command.ts";
import { connect, CONNECTION_HELP, CONNECTION_OPTIONS } from "../connection.ts";
import { print } from "../terminal.ts";
import { writeTypes } from "./write-types.ts";

const HELP = `flow types: writes the content types as TypeScript, for \`new Client<Schema>(…)\`.

  flow types                        into flow-types.ts
  flow types --out src/schema.ts    into another file
  flow types --check                write nothing; fail when the file is not what would be written

${CONNECTION_HELP}
  --out FILE        the file to write (flow-types.ts)
  --check           compare only
  --json            say what was done as JSON

Any token that may read will do. Exit code: 0 written or up to date, 1 the file differs (--check) or something failed,
2 the command was wrong.
`;

export const typesCommand: Command = {
  name: "types",
  summary: "write the content types as TypeScript",
  help: HELP,
  run: runTypes,
};

async function runTypes(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONNECTION_OPTIONS,
      out: { type: "string", default: "flow-types.ts" },
      check: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 0)
    throw new UsageError(`flow types takes no "${positionals[0]}": write to a file with --out FILE.`);
  const client = connect(values);
  const [types, environment] = await Promise.all([
    client.types.list(),
    environmentOf(client, values.environment),
  ]);
  const text = writeTypes(types, environment);
  const isCurrent = existsSync(values.out) && readFileSync(values.out, "utf8") === text;
  if (!isCurrent && !values.check) writeFileSync(values.out, text);
  const facts = { file: values.out, types: types.length, changed: !isCurrent };
  const said = isCurrent ? "is up to date" : values.check ? "is not up to date: run `flow types`" : "written";
  print(
    values.json ? `${JSON.stringify(facts)}\n` : `${values.out} ${said} (${types.length} content types).\n`,
  );
  return values.check && !isCurrent ? 1 : 0;
}

/** The environment of a name or alias, else the default one. */
async function environmentOf(client: Client, name: string | undefined): Promise<Environment> {
  const [environments, aliases] = await Promise.all([
    client.environments.list(),
    name === undefined ? [] : client.environments.aliases.list(),
  ]);
  const wanted = aliases.find((alias) => alias.name === name)?.environment ?? name;
  const found = environments.find((one) => (wanted === undefined ? one.is_default : one.name === wanted));
  if (!found) throw new UsageError(`There is no environment "${name}" for this token.`);
  return found;
}
