import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { DIST, WORKERS } from "./build.ts";
import type { Databases } from "./databases.ts";
import { keptSecret } from "./stored-secret.ts";
import { settingsOf } from "./settings.ts";
import { keepRuntime } from "./keep-runtime.ts";
import type { Restarts } from "./restarts.ts";

/** An additional Worker on its own socket, with Workers that it reaches by a binding: the baseline of a benchmark. */
export type ExtraWorker = { name: string; script: string; reaches?: Record<string, string> };
export type RunningWorkers = {
  url: string;
  urlOf(worker: string): Promise<string>;
  /** Where the inspector listens, when it was asked for. */
  inspectorHost(): Promise<string>;
  runCron(): Promise<void>;
  runIdentityCron(): Promise<void>;
  close(): Promise<void>;
};
type Options = {
  dataDir: string;
  port: number;
  databases: Databases;
  /** Where IDENTITY's emails go: the mailbox, unless the environment names a provider. */
  mailboxUrl: string;
  vars?: Record<string, string>;
  isQuiet?: boolean;
  extraWorkers?: ExtraWorker[];
  /** Workers between the gateway and those that they reach: what makes faults in a test. */
  between?: ExtraWorker[];
  /** Runs a second gateway, whose memory is its own as that of another isolate is: `SECOND_EDGE`. */
  hasSecondEdge?: boolean;
  /** Serves V8's inspector of every Worker there; 0 for any port. */
  inspectorPort?: number;
  restarts: Restarts;
  onGivenUp: (error: Error) => void;
};

export const SECOND_EDGE = "flowcms-gateway-2";
const CRON_MS = 60_000;
/** The minute of each hour in which IDENTITY's cron fires, as its wrangler.toml has it. */
const IDENTITY_MINUTE = 43;

/**
 * Runs the built Workers in workerd, the gateway on a socket of its own, and fires the cron once a
 * minute.
 */
export async function startWorkers({
  dataDir,
  port,
  databases,
  mailboxUrl,
  vars,
  isQuiet = false,
  extraWorkers = [],
  between = [],
  hasSecondEdge = false,
  inspectorPort,
  restarts,
  onGivenUp,
}: Options): Promise<RunningWorkers> {
  process.env["MINIFLARE_WORKERD_V8_FLAGS"] ??= "--max-semi-space-size=2";
  const built = JSON.parse(readFileSync(join(DIST, "workers.json"), "utf8")) as Record<string, unknown>[];
  const settings: Record<string, string> = {
    REDIS_URL: databases.redisUrl,
    REDIS_TOKEN: databases.redisToken,
    CACHE: "memory",
    PUBLIC_URL: `http://127.0.0.1${port === 0 ? "" : `:${port}`}`,
    ...vars,
  };
  // Over a service binding a query skips the Worker that Miniflare puts before the network.
  const endpoint = new URL(databases.appUrl);
  const isLocal = endpoint.hostname === "127.0.0.1";
  const direct = isLocal ? { DATABASE_ENDPOINT: { external: { address: endpoint.host, http: {} } } } : {};
  const identity = identityOptions({ dataDir, mailboxUrl, vars });
  const workers = built.map((options, i) => {
    const { name } = WORKERS[i]!;
    const code = join(DIST, name);
    return {
      ...options,
      name: `flowcms-${name}`,
      modules: modulesIn(code),
      modulesRoot: code,
      bindings: {
        ...(options["bindings"] as object),
        ...settingsOf(name, settings),
        DATABASE_URL: urlOf(name === "identity" ? databases.identityUrl : databases.appUrl, name),
        ...(name === "identity" ? identity.bindings : {}),
        ...(name === "webhooks" ? { MASTER_KEYS: identity.bindings.MASTER_KEYS } : {}),
      },
      serviceBindings: {
        ...(options["serviceBindings"] as object),
        ...(name === "gateway" ? {} : direct),
        ...(name === "identity" ? identity.serviceBindings : {}),
        ...(name === "webhooks" ? { OUTSIDE: { network: openNetwork(vars) } } : {}),
      },
    };
  });
  const gateway = workers.find((worker) => worker.name === "flowcms-gateway")!;
  for (const { name, reaches } of between)
    for (const binding of Object.keys(reaches ?? {}))
      gateway.serviceBindings = {
        ...gateway.serviceBindings,
        ...namedBindings({ [binding]: name }),
      } as never;
  for (const { name, script, reaches = {} } of [...extraWorkers, ...between]) {
    workers.push({
      name,
      modules: [{ type: "ESModule", path: script }],
      modulesRoot: dirname(script),
      compatibilityDate: built[0]!["compatibilityDate"],
      bindings: { ...settings, DATABASE_URL: databases.appUrl },
      serviceBindings: { ...direct, ...namedBindings(reaches) },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    } as unknown as (typeof workers)[number]);
  }
  if (hasSecondEdge)
    workers.push({
      ...gateway,
      name: SECOND_EDGE,
      durableObjects: ofScript(gateway.name, built[WORKERS.findIndex(({ name }) => name === "gateway")]!),
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    } as (typeof workers)[number]);
  const runtime = await keepRuntime({
    ...{ port, gateway: gateway.name, isQuiet, restarts, onGivenUp },
    optionsAt: (at) => ({
      resourcePersistencePath: join(dataDir, "workers"),
      ...(inspectorPort === undefined ? {} : { inspectorPort, inspectorHost: "127.0.0.1" }),
      workers: [
        { ...gateway, unsafeDirectSockets: [{ host: "127.0.0.1", port: at }] },
        ...workers.filter((worker) => worker !== gateway),
      ],
    }),
  });
  const { miniflare } = runtime;
  const address = await miniflare.unsafeGetDirectURL("flowcms-gateway");
  const schedule = async (name: string, cron: string) => {
    const worker = (await miniflare.getWorker(`flowcms-${name}`)) as unknown as {
      scheduled(event: { cron: string; scheduledTime: Date }): Promise<unknown>;
    };
    await worker.scheduled({ cron, scheduledTime: new Date() });
  };
  const scheduleIdentity = () => schedule("identity", `${IDENTITY_MINUTE} * * * *`);
  const runCron = async () => {
    await schedule("maintenance", "* * * * *");
    if (new Date().getUTCMinutes() === IDENTITY_MINUTE) await scheduleIdentity();
  };
  const warn = (error: Error) => console.warn(`cron: ${error.message}`);
  // What waited while nothing ran need not wait longer.
  void runCron().then(scheduleIdentity).catch(warn);
  const cron = setInterval(() => void runCron().catch(warn), CRON_MS);
  return {
    url: address.origin,
    urlOf: async (worker) => (await miniflare.unsafeGetDirectURL(worker)).origin,
    inspectorHost: async () => (await miniflare.getInspectorURL()).host,
    runCron,
    runIdentityCron: scheduleIdentity,
    async close() {
      clearInterval(cron);
      await runtime.close();
    },
  };
}

/**
 * The network for calls to where tenants say: what a name leads to is looked at once more when it is
 * connected to.
 */
const openNetwork = (vars: Record<string, string> = {}) => ({
  allow: vars["FLOW_ALLOW_PRIVATE_TARGETS"] === "1" ? ["public", "127.0.0.0/8", "::1/128"] : ["public"],
  tlsOptions: { trustBrowserCas: true },
});

/** Service bindings to Workers by name. */
function namedBindings(workers: Record<string, string>): Record<string, { name: string }> {
  return Object.fromEntries(Object.entries(workers).map(([binding, name]) => [binding, { name }]));
}

/** Bindings to the Durable Objects of another Worker. */
function ofScript(scriptName: string, options: Record<string, unknown>): Record<string, object> {
  const objects = Object.entries(options["durableObjects"] as Record<string, object>);
  return Object.fromEntries(objects.map(([binding, object]) => [binding, { scriptName, ...object }]));
}

/** The database's URL with the Worker's name in it, so that the endpoint can count callers. */
function urlOf(databaseUrl: string, worker: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set("application_name", `flow-${worker}`);
  return url.toString();
}

const TYPES: Record<string, string> = { ".wasm": "CompiledWasm", ".txt": "Text" };

/** The bundle, first, and its other modules. */
function modulesIn(folder: string): { type: string; path: string }[] {
  const beside = readdirSync(folder).flatMap((name) => {
    const type = TYPES[extname(name)];
    return type === undefined ? [] : [{ type, path: join(folder, name) }];
  });
  return [{ type: "ESModule", path: join(folder, "index.js") }, ...beside];
}

/**
 * IDENTITY's master key, made once per data folder, and its way to the mailbox where no provider is
 * named.
 */
function identityOptions({
  dataDir,
  mailboxUrl,
  vars = {},
}: Pick<Options, "dataDir" | "mailboxUrl" | "vars">) {
  const MASTER_KEYS =
    vars["MASTER_KEYS"] ??
    keptSecret(join(dataDir, "master-keys"), () => `first:${randomBytes(32).toString("base64")}`);
  if (vars["EMAIL_URL"]) return { bindings: { MASTER_KEYS }, serviceBindings: {} };
  const { host } = new URL(mailboxUrl);
  return {
    bindings: { MASTER_KEYS, EMAIL_URL: mailboxUrl },
    serviceBindings: { EMAIL_ENDPOINT: { external: { address: host, http: {} } } },
  };
}
