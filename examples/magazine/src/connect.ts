import { existsSync, readFileSync } from "node:fs";
import { AdminClient } from "flowcms/admin";

/** What `npm start` of FlowCMS writes down in its folder. */
const DEV = "../../.flow/dev.json";

/** The running FlowCMS, or the one of FLOW_URL and FLOW_TOKEN. */
export function connect(scope: "read" | "admin"): AdminClient {
  const { FLOW_URL, FLOW_TOKEN } = process.env;
  if (FLOW_URL && FLOW_TOKEN) return new AdminClient({ url: FLOW_URL, apiKey: FLOW_TOKEN });
  if (!existsSync(DEV)) throw new Error("Run `npm start` of FlowCMS first, or set FLOW_URL and FLOW_TOKEN.");
  const dev = JSON.parse(readFileSync(DEV, "utf8")) as { url: string; tokens: Record<string, string> };
  return new AdminClient({ url: dev.url, apiKey: dev.tokens[scope]! });
}
