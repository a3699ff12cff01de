import type { Command } from "../command.ts";
import { listSubcommands, pagesOf, runSubcommand } from "../subcommands.ts";
import { alias, clone, create, list, remove } from "./subcommands.ts";

const SUBCOMMANDS = { list, create, clone, delete: remove, alias };

export const environmentsCommand: Command = {
  name: "env",
  summary: "list, create, clone and delete environments, and point aliases to them",
  help: `flow env: environments of the tenant, each with its own types, entries, assets and locales.

${listSubcommands("env", SUBCOMMANDS)}

  flow env clone main redesign            try it on a copy
  flow types push --environment redesign
  flow env alias live redesign            and switch readers to it

Changing them needs a token with the scope admin.
`,
  pages: pagesOf(SUBCOMMANDS),
  run: (args) => runSubcommand("env", SUBCOMMANDS, args),
};
