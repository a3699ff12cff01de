import { parseArgs } from "node:util";
import type { IssuerKey } from "../../sdk/admin.ts";
import type { Command } from "../command.ts";
import { TENANT_HELP, TENANT_OPTIONS, connectTenant } from "../connection.ts";
import { listSubcommands, pagesOf, runSubcommand } from "../subcommands.ts";
import { table } from "../table.ts";
import { print } from "../terminal.ts";

const JSON_OPTION = { json: { type: "boolean", default: false } } as const;

const list: Command = {
  name: "list",
  summary: "the keys that the tenant's tokens are signed with",
  help: `flow keys list: the keys that the tenant's tokens are signed with, and whether they sign now.

  flow keys list
  flow keys list --json

${TENANT_HELP}
  --json            print them as JSON
`,
  async run(args) {
    const { values } = parseArgs({ args, options: { ...TENANT_OPTIONS, ...JSON_OPTION } });
    return show(await connectTenant(values).oauth.keys(), values.json);
  },
};

const rotate: Command = {
  name: "rotate",
  summary: "sign with the next key, and publish a new one",
  help: `flow keys rotate: the next key signs from now on, and another is published for the next time.

  flow keys rotate
  flow keys rotate --force

No token is rejected: those signed with the old key are valid until they expire. A key must have been published for a day
before it signs.

${TENANT_HELP}
  --force           do not wait for that, when the active key may have leaked
  --json            print the keys as JSON
`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: { ...TENANT_OPTIONS, ...JSON_OPTION, force: { type: "boolean", default: false } },
    });
    return show(await connectTenant(values).oauth.rotateKeys({ force: values.force }), values.json);
  },
};

function show(keys: IssuerKey[], isJson: boolean): number {
  if (isJson) return print(`${JSON.stringify(keys)}\n`);
  const rows = keys.map((key) => [
    key.kid,
    key.state,
    key.created_at,
    key.active_at ?? "",
    key.retired_at ?? "",
  ]);
  return print(table(["KEY", "STATE", "PUBLISHED", "SIGNED FROM", "UNTIL"], rows));
}

const SUBCOMMANDS = { list, rotate };

export const keysCommand: Command = {
  name: "keys",
  summary: "list and rotate the keys that tokens are signed with",
  help: `flow keys: the keys that the tenant's OAuth tokens are signed with.

${listSubcommands("keys", SUBCOMMANDS)}

  flow keys list
  flow keys rotate

They need a token with the scope admin.
`,
  pages: pagesOf(SUBCOMMANDS),
  run: (args) => runSubcommand("keys", SUBCOMMANDS, args),
};
