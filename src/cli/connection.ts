import { existsSync, readFileSync } from "node:fs";
import { Client } from "../sdk/index.ts";
import type { Connection } from "./api.ts";
import { UsageError } from "./command.ts";

/** Options of every command that talks to FlowCMS, for `parseArgs`. */
export const CONNECTION_OPTIONS = {
  url: { type: "string" },
  token: { type: "string" },
  environment: { type: "string" },
} as const;

/** The lines about them in a help page. */
export const CONNECTION_HELP = `  --url U           where FlowCMS is      (FLOW_URL, else .flow/dev.json)
  --token T         an admin token        (FLOW_TOKEN, else .flow/dev.json)
  --environment E   the environment to work in`;

type ConnectionValues = {
  url?: string | undefined;
  token?: string | undefined;
  environment?: string | undefined;
};

/** Where the options, the environment variables or `.flow/dev.json` say FlowCMS is; UsageError when none does. */
export function findConnection(values: ConnectionValues): Connection {
  const { url, token } = whereTo(values.url, values.token);
  return { url, token, environment: values.environment ?? process.env["FLOW_ENVIRONMENT"] };
}

/** A client for what `findConnection` finds. */
export function connect(values: ConnectionValues): Client {
  const { url, token, environment } = findConnection(values);
  return new Client({ url, apiKey: token, retries: 5, ...(environment ? { environment } : {}) });
}

function whereTo(
  url = process.env["FLOW_URL"],
  token = process.env["FLOW_TOKEN"],
): { url: string; token: string } {
  if (url !== undefined && token !== undefined) return { url, token };
  if (!existsSync(".flow/dev.json")) {
    throw new UsageError(
      "Say where FlowCMS is: --url and --token (or FLOW_URL and FLOW_TOKEN), or run `npm start` in this folder.",
    );
  }
  const dev = JSON.parse(readFileSync(".flow/dev.json", "utf8")) as {
    url: string;
    tokens: { admin: string };
  };
  return { url: url ?? dev.url, token: token ?? dev.tokens.admin };
}
