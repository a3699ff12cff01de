import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError, type Command } from "../command.ts";
import { clientOf, CONNECTION_OPTIONS } from "../connection.ts";
import { print } from "../terminal.ts";
import { ask } from "./ask.ts";
import { endLogin, issuerOf, loginByBrowser } from "./browser-login.ts";
import { credentialsPath, readCredentials, removeCredentials, saveCredentials } from "./credentials.ts";

export const loginCommand: Command = {
  name: "login",
  summary: "keep an address and a token for the other commands",
  help: `flow login: checks an address and a token, and keeps them for the other commands.

  flow login --browser --url https://cms.example.com lets a person in by their browser: no token is needed
  flow login                                         asks for address and token
  flow login --url https://cms.example.com           asks for the token, which is not shown
  FLOW_TOKEN=flow_admin_… flow login --url https://cms.example.com

  --url U           where FlowCMS is
  --token T         a token (FLOW_TOKEN; a command line can be seen by others on the machine)
  --browser         show an address to open, and wait until somebody has allowed it there
  --tenant T        with --browser: the tenant's short name, where the address serves several
  --environment E   the environment to work in when none is named
  --json            print what was kept as JSON, without the token

Kept in $XDG_CONFIG_HOME/flow/credentials.json or ~/.config/flow/credentials.json, for its owner only (mode 0600).
Options and environment variables come before it. The token is only ever sent to the address it was kept with.
Nothing is asked when there is no terminal. Exit code: 0 done, 1 refused, 2 the command was wrong.
`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...CONNECTION_OPTIONS,
        browser: { type: "boolean", default: false },
        tenant: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const url = (values.url ?? process.env["FLOW_URL"]) || (await askFor("Address: ", "--url", false));
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new UsageError(`${url} is no http or https address.`);
    const { environment } = values;
    const login = values.browser
      ? await loginByBrowser(issuerOf(url, values.tenant), (line) => process.stderr.write(`${line}\n`))
      : undefined;
    const token = login
      ? undefined
      : (values.token ?? process.env["FLOW_TOKEN"]) ||
        (await askFor("Token: ", "--token (or FLOW_TOKEN) or --browser", true));
    const credentials = { url, token, login, environment };
    const found = await clientOf(credentials).environments.list();
    const environments = found.map(({ name }) => name);
    const path = saveCredentials(credentials);
    return print(
      values.json
        ? `${JSON.stringify({ url, environment: environment ?? null, environments, path })}\n`
        : `Logged in at ${url} (environments: ${environments.join(", ")}); kept in ${path}.\n`,
    );
  },
};

async function askFor(question: string, option: string, isSecret: boolean): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`There is no terminal to ask at: give ${option}.`);
  const answer = await ask(question, isSecret);
  if (answer === "") throw new UsageError(`Nothing was given: ${option} is needed.`);
  return answer;
}

/** The login to end; a file that cannot be read holds none. */
function readLogin() {
  try {
    return readCredentials()?.login;
  } catch {
    return undefined;
  }
}

export const logoutCommand: Command = {
  name: "logout",
  summary: "forget what login kept",
  help: `flow logout: forgets what \`flow login\` kept on this machine.

  flow logout

A login by browser ends where it was made. A token goes on working: \`flow tokens revoke ID\` ends that.
`,
  async run(args) {
    const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
    const path = credentialsPath();
    const login = existsSync(path) ? readLogin() : undefined;
    const isRemoved = removeCredentials();
    if (login)
      await endLogin(login).catch((error: Error) =>
        process.stderr.write(`The login could not be ended there: ${error.message}\n`),
      );
    if (values.json) return print(`${JSON.stringify({ removed: isRemoved, path })}\n`);
    return print(isRemoved ? `Removed ${path}.\n` : "Nobody was logged in.\n");
  },
};
