import { UsageError, type Command } from "../command.ts";
import { CONNECTION_HELP } from "../connection.ts";
import { print } from "../terminal.ts";
import { CONFIG_HELP, readConfigOptions } from "./config-options.ts";
import { plainType } from "./plan.ts";
import { byId, otherFiles, writeModelFiles } from "./type-files.ts";

export const pullCommand: Command = {
  name: "pull",
  summary: "write the environment's content types as files",
  help: `flow types pull: writes the environment's content types, one file each, and its components
below them in \`components\`.

  flow types pull                       flow/types/article.ts, …
  flow types pull --format json         for projects without TypeScript
  flow types pull --dir cms/types --environment staging

${CONNECTION_HELP}
${CONFIG_HELP}
  --format F        ts or json (ts)
  --json            print what was written as JSON

Files of types that the environment does not have are left unchanged and listed.
Exit code: 0 done, 1 something failed, 2 the command was wrong.
`,
  async run(args) {
    const { client, dir, format, json } = readConfigOptions(args, ["format"]);
    if (format !== "ts" && format !== "json") throw new UsageError("--format must be ts or json.");
    const [types, components] = await Promise.all([client.types.list(), client.components.list()]);
    const model = {
      types: types.map(plainType).sort(byId),
      components: components.map(plainType).sort(byId),
    };
    const written = await writeModelFiles(dir, model, format);
    const { others, twice } = otherFiles(dir, model);
    if (json)
      return print(
        `${JSON.stringify({ types: types.length, components: components.length, written, others })}\n`,
      );
    const lines = [
      ...written.map((path) => `wrote ${path}`),
      ...others.map((name) => `left ${name}: the environment has no such definition`),
      ...twice.map((id) => `${id} is in more than one file: delete all but one`),
      `${types.length} types${components.length > 0 ? ` and ${components.length} components` : ""} in ${dir}, ${written.length} files changed.`,
    ];
    return print(`${lines.join("\n")}\n`);
  },
};
