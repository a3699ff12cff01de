import { parseArgs } from "node:util";
import { UsageError, type Command } from "../command.ts";
import { TENANT_HELP, TENANT_OPTIONS, connectTenant } from "../connection.ts";
import { table } from "../table.ts";
import { print } from "../terminal.ts";

const HELP = `${TENANT_HELP}
  --json            print the response as JSON
`;
const OPTIONS = { ...TENANT_OPTIONS, json: { type: "boolean", default: false } } as const;

/** The names that a subcommand is given; UsageError with its usage when there are more or fewer. */
function names(given: string[], count: number, usage: string): string[] {
  if (given.length !== count) throw new UsageError(`Usage: ${usage}`);
  return given;
}

export const list: Command = {
  name: "list",
  summary: "every environment, with its locales and aliases",
  help: `flow env list: every environment, with its locales and aliases.

  flow env list
  flow env list --json

${HELP}`,
  async run(args) {
    const { values } = parseArgs({ args, options: OPTIONS });
    const client = connectTenant(values);
    const environments = await client.environments.list();
    const aliases = await client.environments.aliases.list();
    const of = (name: string) => aliases.filter((one) => one.environment === name).map((one) => one.name);
    if (values.json)
      return print(`${JSON.stringify(environments.map((one) => ({ ...one, aliases: of(one.name) })))}\n`);
    const rows = environments.map((one) => [
      one.name,
      one.is_default ? "default" : "",
      of(one.name).join(", "),
      one.locales.map(({ code, fallback }) => (fallback ? `${code} (else ${fallback})` : code)).join(", "),
    ]);
    return print(table(["NAME", "", "ALIASES", "LOCALES"], rows));
  },
};

export const create: Command = {
  name: "create",
  summary: "an empty environment",
  help: `flow env create NAME: makes an empty environment.

  flow env create staging
  flow env create shop --locale en --locale de:en --locale fr:en

${TENANT_HELP}
  --locale L        a locale, the first the default; CODE:FALLBACK names where it falls back to (en)
  --json            print the response as JSON
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...OPTIONS, locale: { type: "string", multiple: true } },
    });
    const [name] = names(positionals, 1, "flow env create NAME [--locale CODE[:FALLBACK]]…");
    const locales = values.locale?.map((text) => {
      const [code, fallback] = text.split(":") as [string, string | undefined];
      return fallback ? { code, fallback } : { code };
    });
    const wanted = { name: name!, locales, default_locale: locales?.[0]!.code };
    const made = await connectTenant(values).environments.create(wanted);
    return print(values.json ? `${JSON.stringify(made)}\n` : `Made ${name}.\n`);
  },
};

export const clone: Command = {
  name: "clone",
  summary: "copy an environment, as a consistent snapshot",
  help: `flow env clone SOURCE NAME: copies types, entries, assets and locales, as a consistent snapshot.

  flow env clone main redesign
  flow env clone main snapshot && flow export backup --environment snapshot && flow env delete snapshot --yes

${HELP}`,
  async run(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
    const [from, name] = names(positionals, 2, "flow env clone SOURCE NAME");
    const made = await connectTenant(values).environments.create({ name: name!, from });
    return print(values.json ? `${JSON.stringify(made)}\n` : `Made ${name}, a copy of ${from}.\n`);
  },
};

export const remove: Command = {
  name: "delete",
  summary: "delete an environment with everything in it",
  help: `flow env delete NAME --yes: deletes an environment with everything in it. This cannot be undone.

  flow export last --environment redesign
  flow env delete redesign --yes

${TENANT_HELP}
  --yes             required, to confirm
  --json            print the result as JSON
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...OPTIONS, yes: { type: "boolean", default: false } },
    });
    const [name] = names(positionals, 1, "flow env delete NAME --yes");
    if (!values.yes) throw new UsageError(`This deletes everything in ${name}: confirm with --yes.`);
    await connectTenant(values).environments.delete(name!);
    return print(values.json ? `${JSON.stringify({ deleted: name })}\n` : `Deleted ${name}.\n`);
  },
};

export const alias: Command = {
  name: "alias",
  summary: "point an alias to an environment",
  help: `flow env alias NAME ENVIRONMENT: points an alias to an environment, for every reader in one step.

  flow env alias live release-7
  flow env alias live release-6             back again
  flow env alias live --delete

${TENANT_HELP}
  --delete          delete the alias; the environment stays
  --json            print the result as JSON
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...OPTIONS, delete: { type: "boolean", default: false } },
    });
    const usage = "flow env alias NAME ENVIRONMENT, or flow env alias NAME --delete";
    const [name, environment] = names(positionals, values.delete ? 1 : 2, usage);
    const { aliases } = connectTenant(values).environments;
    if (values.delete) await aliases.delete(name!);
    else await aliases.put(name!, environment!);
    const outcome = values.delete ? { deleted: name } : { name, environment };
    const said = values.delete ? `Deleted the alias ${name}.` : `${name} is ${environment} now.`;
    return print(values.json ? `${JSON.stringify(outcome)}\n` : `${said}\n`);
  },
};
