import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "../../src/dev/stack.ts";
import { provisionTenant } from "../../src/domain/tenant/tenants/index.ts";
import { connect } from "../../src/db/client.ts";
import { openReceiver } from "../support/receiver.ts";

/**
 * How long calls take from the commit of an event until they arrive, at 50 endpoints of a tenant, while
 * none and while one of them hangs. `DATABASE_URL` for a real Postgres.
 */
const ENDPOINTS = 50;
const EVENTS = 25;
const WARM_UP = 5;
const PAUSE_MS = 1200;

const dataDir = mkdtempSync(join(tmpdir(), "flow-webhooks-"));
const stack = await startStack({
  dataDir,
  port: 0,
  isQuiet: true,
  vars: { FLOW_ALLOW_PRIVATE_TARGETS: "1" },
  ...(process.env["DATABASE_URL"] ? { databaseUrl: process.env["DATABASE_URL"] } : {}),
});
const receiver = await openReceiver();
try {
  const slug = `w-${crypto.randomUUID().slice(0, 8)}`;
  const { tokens } = await provisionTenant(connect(stack.databases.ownerUrl), { slug, name: slug });
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${tokens.admin}`, "content-type": "application/json" };
    const response = await fetch(`${stack.url}/api/v3${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  };
  await send("PUT", "/types/article", {
    id: "article",
    name: "Article",
    fields: [{ id: "title", type: "short_text" }],
  });
  for (let i = 0; i < ENDPOINTS; i++)
    await send("POST", "/webhooks", {
      name: `Endpoint ${i}`,
      url: `${receiver.url}/${i}`,
      events: ["entry.created"],
    });
  const round = async (count: number): Promise<number[]> => {
    const from = receiver.calls.length;
    for (let i = 0; i < count; i++) {
      await send("POST", "/content/article", { title: `Number ${i}` });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const ofOthers = () => receiver.calls.slice(from).filter(({ path }) => path !== "/0");
    for (
      const until = Date.now() + 60_000;
      ofOthers().length < count * (ENDPOINTS - 1) && Date.now() < until;
    )
      await new Promise((resolve) => setTimeout(resolve, 100));
    if (ofOthers().length !== count * (ENDPOINTS - 1)) throw new Error(`${ofOthers().length} calls came.`);
    return ofOthers().map(
      ({ at, body }) => at - Date.parse((JSON.parse(body) as { timestamp: string }).timestamp),
    );
  };
  await round(WARM_UP);
  const rows: Record<string, object> = {};
  // In turns, so that what else the machine does falls on both.
  const latencies: Record<string, number[]> = { "all answer": [], "one hangs": [] };
  for (let turn = 0; turn < 2; turn++)
    for (const [what, all] of Object.entries(latencies)) {
      receiver.answers(
        what === "one hangs" ? ({ path }, response) => void (path === "/0" || response.end()) : undefined,
      );
      all.push(...(await round(EVENTS)));
    }
  for (const [what, all] of Object.entries(latencies)) {
    const sorted = all.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)]!;
    rows[what] = { calls: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
  }
  console.table(rows);
} finally {
  await receiver.close();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);
