import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startStack } from "../../src/dev/stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    ownerUrl: string;
    appUrl: string;
    redisStatsUrl: string;
  }
}

/** One running FlowCMS for all suites of the project, from the bundles that deploy, on embedded databases. */
export default async function setup(project: TestProject) {
  const dataDir = mkdtempSync(join(tmpdir(), "flow-test-"));
  const stack = await startStack({ dataDir, port: 0, isQuiet: true });
  project.provide("url", stack.url);
  project.provide("ownerUrl", stack.databases.ownerUrl);
  project.provide("appUrl", stack.databases.appUrl);
  project.provide("redisStatsUrl", `${stack.databases.redisUrl}/stats`);
  return async () => {
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
