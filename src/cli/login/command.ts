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
  summary: "store a URL and a token for the other commands",
  help: `flow login: checks a URL and a token, and stores them for the other commands.

  flow login --browser --url https://cms.example.com signs in with the browser: no token is needed
  flow login                                         asks for URL and token
  flow login --url https://cms.example.com           asks for the token, which is not shown
  FLOW_TOKEN=flow_admin_… flow login --url https://cms.example.com

  --url U           the URL of FlowCMS
  --token T         a token (better FLOW_TOKEN: other users of the machine can see command lines)
  --browser         print a URL to open, and wait for the confirmation there
  --tenant T        with --browser: the tenant's slug, where the URL serves several tenants
  --environment E   the default environment for the commands
  --json            print what was stored as JSON, without the token

Stored in $XDG_CONFIG_HOME/flow/credentials.json or ~/.config/flow/credentials.json, for its owner only (mode 0600).
Options and environment variables take precedence. The token is only sent to the URL that it was stored with.
It does not prompt without a terminal. Exit code: 0 done, 1 refused, 2 the command was wrong.
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
      throw new UsageError(`${url} is not an http or https URL.`);
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
        : `Logged in at ${url} (environments: ${environments.join(", ")}); stored in ${path}.\n`,
    );
  },
};

async function askFor(question: string, option: string, isSecret: boolean): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`No terminal to prompt on: use ${option}.`);
  const answer = await ask(question, isSecret);
  if (answer === "") throw new UsageError(`Nothing was entered: ${option} is required.`);
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
  summary: "delete the stored login",
  help: `flow logout: deletes what \`flow login\` stored on this machine.

  flow logout

A browser login is revoked on the server. A token stays valid: \`flow tokens revoke ID\` revokes it.
`,
  async run(args) {
    const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
    const path = credentialsPath();
    const login = existsSync(path) ? readLogin() : undefined;
    const isRemoved = removeCredentials();
    if (login)
      await endLogin(login).catch((error: Error) =>
        process.stderr.write(`The login could not be revoked on the server: ${error.message}\n`),
      );
    if (values.json) return print(`${JSON.stringify({ removed: isRemoved, path })}\n`);
    return print(isRemoved ? `Removed ${path}.\n` : "Nobody was logged in.\n");
  },
};
