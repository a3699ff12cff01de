import { createServer } from "node:net";
import { join } from "node:path";
import { provisionTenant } from "../domain/tenants/index.ts";
import { connect } from "../db/client.ts";
import { build } from "./build.ts";
import { lockDataDir } from "./data-lock.ts";
import { openDatabases, type Databases } from "./databases.ts";
import { openMailbox, type Mailbox } from "./mailbox.ts";
import { startWorkers, type ExtraWorker, type RunningWorkers } from "./start-workers.ts";

export type StackOptions = {
  dataDir: string;
  port: number;
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  vars?: Record<string, string>;
  isQuiet?: boolean;
  extraWorkers?: ExtraWorker[];
  hasSecondEdge?: boolean;
  log?: (line: string) => void;
};

/** A running FlowCMS: its databases and Workers. */
export type Stack = {
  url: string;
  databases: Databases;
  /** The page to read letters by; they lie in the data folder. */
  mailboxUrl: string;
  workers: RunningWorkers;
  newTenant(slug: string, name: string): ReturnType<typeof provisionTenant>;
  close(): Promise<void>;
};

/** Starts everything on one data folder; throws when another process runs on it or the port is taken. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const log = options.log ?? (() => {});
  const lock = lockDataDir(options.dataDir);
  let databases: Databases | undefined;
  let mailbox: Mailbox | undefined;
  try {
    if (options.port !== 0) await requireFreePort(options.port);
    await build(log);
    log("Opening the databases …");
    databases = await openDatabases(options);
    mailbox = await openMailbox(join(options.dataDir, "mail"));
    log("Starting the Workers …");
    const workers = await startWorkers({ ...options, databases, mailboxUrl: mailbox.url });
    const opened = databases;
    const letters = mailbox;
    return {
      url: workers.url,
      databases: opened,
      mailboxUrl: letters.url,
      workers,
      newTenant: (slug, name) => provisionTenant(connect(opened.ownerUrl), { slug, name }),
      async close() {
        await workers.close();
        await letters.close();
        await opened.close();
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
          ? new Error(`Port ${port} is taken: choose another with --port, or end the process that uses it.`)
          : error,
      ),
    );
    probe.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}
