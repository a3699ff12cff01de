import type { Command } from "../command.ts";
import { listSubcommands, pagesOf, runSubcommand } from "../subcommands.ts";
import { print } from "../terminal.ts";
import { configSubcommands } from "./subcommands.ts";

const HELP = `flow types: content types as files of your project.

${listSubcommands("types", configSubcommands)}

A file describes one type and is checked by the compiler:

  import { defineType } from "flowcms/config";

  export default defineType({
    id: "article",
    name: "Article",
    fields: [{ id: "title", type: "short_text", required: true, max: 120 }],
  });

  flow types pull && git add flow/types     begin with what is there
  flow types diff --check                   in a build
  flow types push                           carry it out
`;

export const typesCommand: Command = {
  name: "types",
  summary: "content types as files: pull, diff, push",
  help: HELP,
  pages: pagesOf(configSubcommands),
  async run(args) {
    const isSubcommand = args[0] !== undefined && !args[0].startsWith("-");
    return isSubcommand ? runSubcommand("types", configSubcommands, args) : print(HELP);
  },
};
