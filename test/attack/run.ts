import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "../../src/dev/stack.ts";
import { attack } from "./attack.ts";

const dataDir = mkdtempSync(join(tmpdir(), "flow-attack-"));
const stack = await startStack({
  dataDir,
  port: 0,
  databaseUrl: process.env["DATABASE_URL"] || undefined,
  isQuiet: true,
});
try {
  const run = crypto.randomUUID().slice(0, 8);
  const party = async (name: string) => {
    const slug = `${name}-${run}`;
    return { slug, tokens: (await stack.newTenant(slug, name)).tokens };
  };
  const { probes, leaks, statuses } = await attack(stack.url, await party("victim"), await party("attacker"));
  console.log(`Answers by status: ${JSON.stringify(statuses)}`);
  for (const { name, request, what } of leaks) console.log(`LEAK ${name}: ${request}\n     ${what}`);
  console.log(`${probes} probes, ${leaks.length} leaks`);
  process.exitCode = leaks.length > 0 ? 1 : 0;
} finally {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
