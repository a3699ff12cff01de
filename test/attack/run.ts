import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newTokenSecret } from "../../src/core/tokens.ts";
import { connect } from "../../src/db/client.ts";
import { issueSetupCode } from "../../src/domain/identity/members/index.ts";
import { startStack } from "../../src/dev/stack.ts";
import { attack } from "./attack.ts";

const dataDir = mkdtempSync(join(tmpdir(), "flow-attack-"));
const stack = await startStack({
  dataDir,
  port: 0,
  databaseUrl: process.env["DATABASE_URL"] || undefined,
  isQuiet: true,
  vars: { ADDRESS_HEADER: "cf-connecting-ip" },
});
try {
  const run = crypto.randomUUID().slice(0, 8);
  const party = async (name: string) => {
    const slug = `${name}-${run}`;
    const { tenantId, tokens } = await stack.newTenant(slug, name);
    const setupCode = newTokenSecret();
    await issueSetupCode(connect(stack.databases.ownerUrl), tenantId, setupCode);
    return { slug, tokens, setupCode };
  };
  const { probes, leaks, late, statuses } = await attack(
    stack.url,
    await party("victim"),
    await party("attacker"),
  );
  console.log(`Answers by status: ${JSON.stringify(statuses)}`);
  for (const { name, request, promisedMs, tookMs } of late)
    console.log(`LATE ${name}: ${request}\n     ended after ${tookMs} ms, promised within ${promisedMs} ms`);
  for (const { name, request, what } of leaks) console.log(`LEAK ${name}: ${request}\n     ${what}`);
  console.log(`${probes} probes, ${leaks.length} leaks`);
  process.exitCode = leaks.length > 0 ? 1 : 0;
} finally {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
