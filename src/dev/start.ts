import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "../db/client.ts";
import { findTenantBySlug, issueTokens, provisionTenant } from "../domain/tenant/tenants/index.ts";
import { newTokenSecret } from "../core/tokens.ts";
import { issueSetupCode } from "../domain/identity/members/index.ts";
import { Client } from "../sdk/index.ts";
import { seedDemo } from "./seed-demo.ts";
import { settingsFrom, SETTINGS_HELP } from "./settings.ts";
import { startStack, type Stack } from "./stack.ts";

const HELP = `Starts the whole of FlowCMS on this machine.

  npm start -- [--port 8787] [--data .flow] [--seed demo|none] [--json]

  --port N    where the gateway listens on 127.0.0.1                     (FLOW_PORT)
  --data DIR  where Postgres, Durable Objects and credentials are kept   (FLOW_DATA)
  --seed      what a new tenant holds: a demonstration, or nothing       (FLOW_SEED)
  --json      one JSON line when it is ready, and nothing else on stdout

  DATABASE_URL          a real Postgres (15 to 18) instead of the embedded one: the owner's address
  REDIS_URL             a real Redis instead of the embedded one
${SETTINGS_HELP}
`;

type Credentials = {
  tenant: string;
  admin: { email: string; password: string };
  tokens: { read: string; write: string; admin: string };
};

const startedAt = performance.now();
const options = readOptions();
let running: Stack | undefined;
let isStopping = false;
try {
  const stack = await startStack({
    ...options,
    log: options.isJson ? () => {} : (line) => process.stderr.write(`${line}\n`),
    onGivenUp: (error) => void stop(1, `FlowCMS ends: ${error.message}`),
  });
  running = stack;
  stopOnSignals();
  const { isAway, upToDate } = stack.databases;
  const credentials = isAway ? knownCredentials() : await prepareTenant(stack);
  if (isAway) void upToDate.then(() => prepareTenant(stack)).catch(warn);
  const ready = { url: stack.url, ...credentials };
  mkdirSync(".flow", { recursive: true });
  writeFileSync(join(".flow", "dev.json"), `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 });
  process.stdout.write(options.isJson ? `${JSON.stringify(ready)}\n` : screen(stack, credentials));
} catch (error) {
  process.stderr.write(`FlowCMS did not start: ${(error as Error).message}\n`);
  process.exit(1);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: process.env["FLOW_PORT"] ?? "8787" },
        data: { type: "string", default: process.env["FLOW_DATA"] ?? ".flow" },
        seed: { type: "string", default: process.env["FLOW_SEED"] ?? "demo" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port must be 0 to 65535, not "${values.port}".`);
    if (values.seed !== "demo" && values.seed !== "none")
      throw new Error(`--seed must be demo or none, not "${values.seed}".`);
    const databaseUrl = process.env["DATABASE_URL"] || undefined;
    const redisUrl = process.env["REDIS_URL"] || undefined;
    return {
      port,
      dataDir: resolve(values.data),
      seed: values.seed,
      isJson: values.json,
      databaseUrl,
      redisUrl,
      vars: { DEFAULT_TENANT: "demo", ...settingsFrom(process.env) },
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

/**
 * The demo tenant and its tokens; secrets are stored in the data folder, since the database has only
 * hashes.
 */
async function prepareTenant(stack: Stack): Promise<Credentials> {
  const path = credentialsPath();
  const owner = connect(stack.databases.ownerUrl);
  const tenantId = await findTenantBySlug(owner, "demo");
  if (tenantId !== undefined && existsSync(path)) {
    const { tenantId: ofKnown, ...known } = readCredentials();
    if (ofKnown === tenantId) {
      await makeFirstOwner(stack, tenantId, known.admin);
      return known;
    }
  }
  const made =
    tenantId === undefined
      ? await provisionTenant(owner, { slug: "demo", name: "Demo" })
      : { tenantId, tokens: await issueTokens(owner, tenantId) };
  const password = Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString("base64url");
  const credentials: Credentials = {
    tenant: "demo",
    admin: { email: "admin@demo.localhost", password },
    tokens: made.tokens,
  };
  writeFileSync(path, JSON.stringify({ ...credentials, tenantId: made.tenantId }, null, 2), { mode: 0o600 });
  await makeFirstOwner(stack, made.tenantId, credentials.admin);
  if (options.seed === "demo" && tenantId === undefined)
    await seedDemo(new Client({ url: stack.url, apiKey: made.tokens.admin }));
  return credentials;
}

function credentialsPath(): string {
  return join(options.dataDir, "credentials.json");
}

function readCredentials(): Credentials & { tenantId: string } {
  return JSON.parse(readFileSync(credentialsPath(), "utf8")) as Credentials & { tenantId: string };
}

function knownCredentials(): Credentials {
  const { tenantId: _, ...known } = readCredentials();
  return known;
}
function warn({ message }: Error): void {
  process.stderr.write(`${message}\n`);
}

/** Sets the tenant up as a person would, on its set-up page; does nothing when it has an owner. */
async function makeFirstOwner(stack: Stack, tenantId: string, admin: Credentials["admin"]): Promise<void> {
  const code = newTokenSecret();
  if (!(await issueSetupCode(connect(stack.databases.ownerUrl), tenantId, code))) return;
  const response = await fetch(`${stack.url}/t/demo/setup`, {
    method: "POST",
    headers: { origin: stack.url },
    body: new URLSearchParams({ ...admin, code, name: "Demo Admin" }),
    redirect: "manual",
  });
  if (response.status !== 303) throw new Error(`the first owner could not be created (${response.status}).`);
}

/** Closes what runs, once, and ends the process. */
async function stop(code: number, message?: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  if (message) process.stderr.write(`${message}\n`);
  try {
    await running?.close();
    process.exit(code);
  } catch (error) {
    process.stderr.write(`FlowCMS did not stop cleanly: ${(error as Error).stack}\n`);
    process.exit(1);
  }
}

function stopOnSignals(): void {
  // Miniflare's own listeners would end the process before the databases are closed.
  for (const signal of ["SIGINT", "SIGTERM"])
    process.removeAllListeners(signal).on(signal, () => void stop(0));
}

function screen(stack: Stack, { admin, tokens }: Credentials): string {
  const { postgres, redis } = stack.databases.kind;
  return `
  FlowCMS is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.

  REST      ${stack.url}/api/v3
  GraphQL   ${stack.url}/api/v3/graphql
  Sign in   ${stack.url.replace("127.0.0.1", "localhost")}/sign-in as ${admin.email}, password ${admin.password}
  Mailbox   ${stack.mailboxUrl}
  Data      ${options.dataDir} (Postgres: ${postgres}, Redis: ${redis})

  Tokens of the tenant "demo" (also in .flow/dev.json)
  read      ${tokens.read}
  write     ${tokens.write}
  admin     ${tokens.admin}

  Try
  curl -H 'Authorization: Bearer ${tokens.read}' '${stack.url}/api/v3/content/blog_post?limit=2&fields=title,slug'
  curl -H 'Authorization: Bearer ${tokens.read}' ${stack.url}/api/v3/graphql -H 'Content-Type: application/json' -d '{"query":"{ content(type: \\"blog_post\\", limit: 3) { id title slug status publishedAt } }"}'
  curl -H 'Authorization: Bearer ${tokens.write}' ${stack.url}/api/v3/content/blog_post -d '{"title":"Mine","slug":"mine"}'

  Ctrl-C stops everything; all data is kept.
`;
}
