import type { Command } from "../command.ts";
import { listSubcommands, pagesOf, runSubcommand } from "../subcommands.ts";
import { GENERATE_HELP, generateTypes } from "./generate.ts";
import { configSubcommands } from "./subcommands.ts";

const HELP = `flow types: writes the content types as TypeScript, for \`new Client<Schema>(…)\`; with a subcommand, manages them
as files of your project.

  flow types                        into flow-types.ts
  flow types --out src/schema.ts    into another file
  flow types --check                in a build: fail when the file is out of date

${GENERATE_HELP}

Any token with read access works. Exit code: 0 written or up to date, 1 the file differs (--check) or something failed,
2 the command was wrong.

${listSubcommands("types", configSubcommands)}

A file describes one type and is checked by the compiler:

  import { defineType } from "flowcms/config";

  export default defineType({
    id: "article",
    name: "Article",
    fields: [{ id: "title", type: "short_text", required: true, max: 120 }],
  });

  flow types pull && git add flow/types     start from the environment's types
  flow types diff --check                   in a build
  flow types push                           apply the changes
`;

export const typesCommand: Command = {
  name: "types",
  summary: "content types as TypeScript, and as files: pull, diff, push",
  help: HELP,
  pages: pagesOf(configSubcommands),
  async run(args) {
    const isSubcommand = args[0] !== undefined && !args[0].startsWith("-");
    return isSubcommand ? runSubcommand("types", configSubcommands, args) : generateTypes(args);
  },
};
