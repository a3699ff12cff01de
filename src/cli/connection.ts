import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { AdminClient } from "../sdk/admin.ts";
import { UsageError } from "./command.ts";
import { freshToken } from "./login/browser-login.ts";
import { readCredentials, type Login } from "./login/credentials.ts";

const RETRIES = 5;
const TIMEOUT_MS = 120_000;

/** Options of every command that talks to FlowCMS, for `parseArgs`. */
export const CONNECTION_OPTIONS = {
  url: { type: "string" },
  token: { type: "string" },
  environment: { type: "string" },
} as const;

/** The same for commands that work in no environment. */
export const TENANT_OPTIONS = { url: { type: "string" }, token: { type: "string" } } as const;

/** The lines about them in a help page. */
export const TENANT_HELP = `  --url U           the URL of FlowCMS (FLOW_URL, .env, flow login, .flow/dev.json of \`npm start\`)
  --token T         a token for it   (FLOW_TOKEN, .env, flow login, .flow/dev.json of \`npm start\`)`;
export const CONNECTION_HELP = `${TENANT_HELP}
  --environment E   the environment to work in (FLOW_ENVIRONMENT; the tenant's default)`;

/** The URL and credentials; the tenant's default environment when none is given. */
export type Connection = Settings & { url: string };
type Settings = {
  url?: string | undefined;
  token?: string | undefined;
  /** In place of a token. */
  login?: Login | undefined;
  environment?: string | undefined;
};

/**
 * The URL and credentials: from the first source that has them, of the options, the environment
 * variables, `.env`, the stored login and `.flow/dev.json`. A stored token is only used for its own URL.
 * Throws UsageError when one is missing.
 */
export function findConnection(values: Settings): Connection {
  const sources = [
    values,
    fromVariables(process.env),
    fromEnvFile(),
    readCredentials() ?? {},
    fromDevelopment(),
  ];
  const url = sources.find((source) => source.url !== undefined)?.url;
  if (url === undefined)
    throw new UsageError(
      "Say the URL of FlowCMS: --url and --token (or FLOW_URL and FLOW_TOKEN), `flow login`, or run `npm start` in this folder.",
    );
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError(`${url} is not an http or https URL.`);
  const source = sources.find(
    (one) => (one.token ?? one.login) !== undefined && (one.url === undefined || isSame(one.url, url)),
  );
  if (!source)
    throw new UsageError(`No token for ${url}: use --token, FLOW_TOKEN or \`flow login --url ${url}\`.`);
  const environment = sources.find(
    (one) => one.environment !== undefined && (one.url === undefined || isSame(one.url, url)),
  )?.environment;
  return { url, token: source.token, login: source.login, environment };
}

/** A client with the patience of a program that nobody waits for. */
export function clientOf({ url, token, login, environment }: Connection): AdminClient {
  const options = { url, environment, retries: RETRIES, timeoutMs: TIMEOUT_MS };
  if (token !== undefined) return new AdminClient({ ...options, apiKey: token });
  const credentials = { ...readCredentials(), url, login: login! };
  return new AdminClient({
    ...options,
    apiKey: "",
    async fetch(request) {
      const renewed = new Request(request);
      renewed.headers.set("authorization", `Bearer ${await freshToken(credentials)}`);
      return fetch(renewed);
    },
  });
}

/** A client for what `findConnection` finds. */
export const connect = (values: Settings): AdminClient => clientOf(findConnection(values));

/** The same for what belongs to the tenant and to none of its environments. */
export const connectTenant = (values: Settings): AdminClient =>
  clientOf({ ...findConnection(values), environment: undefined });

const isSame = (a: string, b: string): boolean =>
  a.replace(/(?<!\/)\/+$/, "") === b.replace(/(?<!\/)\/+$/, "");

/** An empty variable counts as none. */
const fromVariables = (variables: NodeJS.Dict<string>): Settings => ({
  url: variables["FLOW_URL"] || undefined,
  token: variables["FLOW_TOKEN"] || undefined,
  environment: variables["FLOW_ENVIRONMENT"] || undefined,
});

const fromEnvFile = (): Settings =>
  existsSync(".env") ? fromVariables(parseEnv(readFileSync(".env", "utf8"))) : {};

function fromDevelopment(): Settings {
  if (!existsSync(".flow/dev.json")) return {};
  const { url, tokens } = JSON.parse(readFileSync(".flow/dev.json", "utf8")) as {
    url: string;
    tokens: { admin: string };
  };
  return { url, token: tokens.admin };
}
