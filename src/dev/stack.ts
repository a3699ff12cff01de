import { createServer } from "node:net";
import { join } from "node:path";
import { provisionTenant } from "../domain/tenant/tenants/index.ts";
import { connect } from "../db/client.ts";
import { build } from "./build.ts";
import { lockDataDir } from "./data-lock.ts";
import { openDatabases, type Databases } from "./databases.ts";
import { openMailbox, type Mailbox } from "./mailbox.ts";
import { newRestarts } from "./restarts.ts";
import { startWorkers, type ExtraWorker, type RunningWorkers } from "./start-workers.ts";

export type StackOptions = {
  dataDir: string;
  port: number;
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  vars?: Record<string, string>;
  isQuiet?: boolean;
  extraWorkers?: ExtraWorker[];
  between?: ExtraWorker[];
  hasSecondEdge?: boolean;
  inspectorPort?: number;
  log?: (line: string) => void;
  /** Called when a part failed too often to be restarted; by default it is logged. */
  onGivenUp?: (error: Error) => void;
};

/** A running FlowCMS: its databases and Workers. */
export type Stack = {
  url: string;
  databases: Databases;
  /** The page to read emails by; they lie in the data folder. */
  mailboxUrl: string;
  workers: RunningWorkers;
  newTenant(slug: string, name: string): ReturnType<typeof provisionTenant>;
  close(): Promise<void>;
};

/** Starts everything on one data folder; throws when another process runs on it or the port is taken. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const log = options.log ?? (() => {});
  const warn = (line: string) => void process.stderr.write(`${line}\n`);
  const restarts = newRestarts(warn);
  const onGivenUp = options.onGivenUp ?? ((error: Error) => warn(error.message));
  const lock = lockDataDir(options.dataDir);
  let databases: Databases | undefined;
  let mailbox: Mailbox | undefined;
  try {
    if (options.port !== 0) await requireFreePort(options.port);
    log("Opening the databases …");
    const [opened, built] = await Promise.allSettled([
      openDatabases({ ...options, restarts, onGivenUp }),
      build(log),
    ]);
    if (opened.status === "rejected") throw opened.reason;
    databases = opened.value;
    if (built.status === "rejected") throw built.reason;
    mailbox = await openMailbox(join(options.dataDir, "mail"));
    log("Starting the Workers …");
    const mailboxUrl = mailbox.url;
    const workers = await startWorkers({ ...options, databases, mailboxUrl, restarts, onGivenUp });
    const emails = mailbox;
    return {
      url: workers.url,
      databases: opened.value,
      mailboxUrl: emails.url,
      workers,
      newTenant: (slug, name) => provisionTenant(connect(opened.value.ownerUrl), { slug, name }),
      async close() {
        await workers.close();
        await emails.close();
        await opened.value.close();
        lock.release();
      },
    };
  } catch (error) {
    await mailbox?.close();
    await databases?.close();
    lock.release();
    throw error;
  }
}

async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`Port ${port} is taken: choose another with --port, or stop the process that uses it.`)
          : error,
      ),
    );
    probe.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}
