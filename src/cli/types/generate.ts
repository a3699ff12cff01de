import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../command.ts";
import { connect, CONNECTION_HELP, CONNECTION_OPTIONS } from "../connection.ts";
import { print } from "../terminal.ts";
import { writeTypes } from "./write-types.ts";

/** The options of its help page. */
export const GENERATE_HELP = `${CONNECTION_HELP}
  --out FILE        the file to write (flow-types.ts)
  --check           write nothing; exit code 1 when the file is out of date
  --json            print the result as JSON`;

/** `flow types` without a subcommand: the content types as TypeScript. */
export async function generateTypes(args: string[]): Promise<number> {
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
  const [types, components, environment] = await Promise.all([
    client.types.list(),
    client.components.list(),
    client.environments.current(),
  ]);
  const text = writeTypes(types, environment, components);
  const isCurrent = existsSync(values.out) && readFileSync(values.out, "utf8") === text;
  if (!isCurrent && !values.check) writeFileSync(values.out, text);
  const facts = { file: values.out, types: types.length, changed: !isCurrent };
  const said = isCurrent ? "is up to date" : values.check ? "is not up to date: run `flow types`" : "written";
  print(
    values.json ? `${JSON.stringify(facts)}\n` : `${values.out} ${said} (${types.length} content types).\n`,
  );
  return values.check && !isCurrent ? 1 : 0;
}
