import { existsSync, readFileSync } from "node:fs";
import { Client } from "../sdk/index.ts";
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

/** A client for what the options, the environment variables or `.flow/dev.json` name; UsageError when none does. */
export function connect(values: ConnectionValues): Client {
  const { url, apiKey } = whereTo(values.url, values.token);
  return new Client({
    url,
    apiKey,
    retries: 5,
    ...(values.environment ? { environment: values.environment } : {}),
  });
}

function whereTo(
  url = process.env["FLOW_URL"],
  token = process.env["FLOW_TOKEN"],
): { url: string; apiKey: string } {
  if (url !== undefined && token !== undefined) return { url, apiKey: token };
  if (!existsSync(".flow/dev.json")) {
    throw new UsageError(
      "Say where FlowCMS is: --url and --token (or FLOW_URL and FLOW_TOKEN), or run `npm start` in this folder.",
    );
  }
  const dev = JSON.parse(readFileSync(".flow/dev.json", "utf8")) as {
    url: string;
    tokens: { admin: string };
  };
  return { url: url ?? dev.url, apiKey: token ?? dev.tokens.admin };
}
