import { isRealDay, realDatetime } from "../datetimes.ts";
import { parseArgs } from "node:util";
import type { Scope } from "../../sdk/index.ts";
import { UsageError, type Command } from "../command.ts";
import { TENANT_HELP, TENANT_OPTIONS, connectTenant } from "../connection.ts";
import { listSubcommands, pagesOf, runSubcommand } from "../subcommands.ts";
import { suggest } from "../suggest.ts";
import { table } from "../table.ts";
import { print } from "../terminal.ts";

const SCOPES: readonly string[] = ["read", "write", "admin", "sso_admin"] satisfies Scope[];
const JSON_OPTION = { json: { type: "boolean", default: false } } as const;

const list: Command = {
  name: "list",
  summary: "the tenant's tokens, without their secrets",
  help: `flow tokens list: the tenant's tokens, without their secrets.

  flow tokens list
  flow tokens list --json

${TENANT_HELP}
  --json            print them as JSON
`,
  async run(args) {
    const { values } = parseArgs({ args, options: { ...TENANT_OPTIONS, ...JSON_OPTION } });
    const tokens = await connectTenant(values).tokens.list();
    if (values.json) return print(`${JSON.stringify(tokens)}\n`);
    const rows = tokens.map((one) => [
      one.id,
      one.name,
      one.scope,
      one.environment ?? "all",
      one.expires_at ?? "never",
    ]);
    return print(table(["ID", "NAME", "SCOPE", "ENVIRONMENT", "EXPIRES"], rows));
  },
};

const create: Command = {
  name: "create",
  summary: "create a token; it is shown once",
  help: `flow tokens create NAME: creates a token and prints it once.

  flow tokens create website --scope read
  flow tokens create importer --scope write --expires 30d
  flow tokens create preview --scope write --environment staging
  TOKEN=$(flow tokens create build --quiet)

${TENANT_HELP}
  --scope S         read (the default), write, admin or sso_admin
  --expires E       days such as 30d, or a datetime such as 2027-01-31T00:00:00Z
  --environment E   the only environment that the token can access
  --quiet           print the token and nothing else
  --json            print the response as JSON
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...TENANT_OPTIONS,
        ...JSON_OPTION,
        scope: { type: "string", default: "read" },
        expires: { type: "string" },
        environment: { type: "string" },
        quiet: { type: "boolean", default: false },
      },
    });
    const [name, extra] = positionals;
    if (name === undefined || extra !== undefined)
      throw new UsageError("Give a name: flow tokens create NAME");
    if (!SCOPES.includes(values.scope))
      throw new UsageError(`There is no scope "${values.scope}".${suggest(values.scope, SCOPES)}`);
    const made = await connectTenant(values).tokens.create({
      name,
      scope: values.scope as Scope,
      environment: values.environment || undefined,
      expires_at: values.expires ? expiryOf(values.expires) : undefined,
    });
    if (values.json) return print(`${JSON.stringify(made)}\n`);
    if (values.quiet) return print(`${made.token}\n`);
    return print(`${made.token}\n\n${made.id} (${made.scope}): save the token now, it is not shown again.\n`);
  },
};

function expiryOf(text: string): string {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days !== undefined) return new Date(Date.now() + Number(days) * 86_400_000).toISOString();
  const datetime = realDatetime(isRealDay(text) ? `${text}T00:00:00Z` : text);
  if (datetime === undefined)
    throw new UsageError(
      "--expires must be days such as 30d, a day, or a datetime such as 2027-01-31T09:30:00Z.",
    );
  return datetime;
}

const revoke: Command = {
  name: "revoke",
  summary: "revoke a token",
  help: `flow tokens revoke ID: revokes a token; it is rejected everywhere within ten seconds.

  flow tokens list
  flow tokens revoke tok_01jd3f0b6vfs8t4z9c7q2m5n8x

${TENANT_HELP}
  --json            print the result as JSON
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...TENANT_OPTIONS, ...JSON_OPTION },
    });
    const [id, extra] = positionals;
    if (id === undefined || extra !== undefined) throw new UsageError("Give one id: flow tokens revoke ID");
    await connectTenant(values).tokens.revoke(id);
    return print(values.json ? `${JSON.stringify({ revoked: id })}\n` : `Revoked ${id}.\n`);
  },
};

const SUBCOMMANDS = { list, create, revoke };

export const tokensCommand: Command = {
  name: "tokens",
  summary: "list, create and revoke API tokens",
  help: `flow tokens: API tokens of the tenant.

${listSubcommands("tokens", SUBCOMMANDS)}

  flow tokens create website --scope read
  flow tokens list
  flow tokens revoke tok_…

They need a token with the scope admin.
`,
  pages: pagesOf(SUBCOMMANDS),
  run: (args) => runSubcommand("tokens", SUBCOMMANDS, args),
};
