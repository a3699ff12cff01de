import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDns } from "./dns.ts";
import { SECOND_EDGE } from "../../src/dev/start-workers.ts";
import { startStack } from "../../src/dev/stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    /** Another isolate of the gateway. */
    secondEdgeUrl: string;
    ownerUrl: string;
    appUrl: string;
    redisStatsUrl: string;
    mailboxUrl: string;
    /** The resolver that IDENTITY asks. */
    dnsUrl: string;
    /** Fires the cron of MAINTENANCE; below it, at `/identity`, that of IDENTITY. */
    cronUrl: string;
  }
}

/**
 * One running FlowCMS for all suites of the project, from the bundles that deploy, on embedded
 * databases.
 */
export default async function setup(project: TestProject) {
  const dataDir = mkdtempSync(join(tmpdir(), "flow-test-"));
  const dns = await openDns();
  const stack = await startStack({
    dataDir,
    port: 0,
    isQuiet: true,
    hasSecondEdge: true,
    vars: { DNS_URL: dns.url, ADDRESS_HEADER: "cf-connecting-ip", FLOW_ALLOW_PRIVATE_TARGETS: "1" },
  });
  project.provide("dnsUrl", dns.url);
  project.provide("url", stack.url);
  project.provide("secondEdgeUrl", await stack.workers.urlOf(SECOND_EDGE));
  project.provide("ownerUrl", stack.databases.ownerUrl);
  project.provide("appUrl", stack.databases.appUrl);
  project.provide("redisStatsUrl", `${stack.databases.redisUrl}/stats`);
  project.provide("mailboxUrl", stack.mailboxUrl);
  const cron = createServer(({ url }, response) => {
    const run = url === "/identity" ? stack.workers.runIdentityCron() : stack.workers.runCron();
    run.then(
      () => response.end("done"),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve) => cron.listen(0, "127.0.0.1", resolve));
  project.provide("cronUrl", `http://127.0.0.1:${(cron.address() as AddressInfo).port}`);
  return async () => {
    cron.close();
    dns.close();
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
