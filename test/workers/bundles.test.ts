import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundleSizes, runWrangler, WORKERS } from "../../src/dev/build.ts";

const FILE = new URL("../budgets.json", import.meta.url);
/** Compressors differ by a little between machines, start-up by the machine. */
const SIZE_TOLERANCE = 1.01;
const STARTUP_TOLERANCE = 4;
const MAX_STARTUP_MS = 200;
const STARTUP_TRIES = 4;

type Budgets = { gzip_bytes: Record<string, number>; startup_ms: Record<string, number> };
const committed = () => JSON.parse(readFileSync(FILE, "utf8")) as Budgets;

/** The committed figures only go down, and only where somebody looks at the change. */
function lower(key: keyof Budgets, measured: Record<string, number>, by: number): void {
  const budgets = committed();
  const isLower = Object.entries(measured).some(([name, value]) => value < budgets[key][name]! * by);
  if (process.env["CI"] || !isLower) return;
  for (const [name, value] of Object.entries(measured))
    budgets[key][name] = Math.min(value, budgets[key][name] ?? value);
  writeFileSync(FILE, `${JSON.stringify(budgets, null, 2)}\n`);
}

it("every Worker deploys in less than 1 MB, and in no more than the committed size", () => {
  const budgets = committed().gzip_bytes;
  const sizes = Object.fromEntries(bundleSizes().map(({ name, gzipBytes }) => [name, gzipBytes]));
  for (const [name, bytes] of Object.entries(sizes)) {
    expect(bytes, name).toBeLessThan(1_000_000);
    expect(bytes, name).toBeLessThanOrEqual(budgets[name]! * SIZE_TOLERANCE);
  }
  lower("gzip_bytes", sizes, 0.99);
});

it("every Worker starts in less than 200 ms, and near the committed figure", async () => {
  const budgets = committed().startup_ms;
  const measured: Record<string, number> = {};
  for (const { name, config } of WORKERS) {
    const limit = Math.min(MAX_STARTUP_MS, budgets[name]! * STARTUP_TOLERANCE);
    measured[name] = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < STARTUP_TRIES && measured[name] >= limit; attempt++)
      measured[name] = Math.min(measured[name], await startupMs(config));
    expect(measured[name], name).toBeGreaterThan(0);
    expect(measured[name], name).toBeLessThan(limit);
  }
  lower("startup_ms", measured, 0.8);
}, 120_000);

async function startupMs(config: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "flow-startup-"));
  const outfile = join(folder, "startup.cpuprofile");
  await runWrangler(["check", "startup", `--args=-c ${config} --minify`, "--outfile", outfile]);
  const profile = JSON.parse(readFileSync(outfile, "utf8")) as Profile;
  rmSync(folder, { recursive: true });
  return loadMs(profile);
}

type Profile = { nodes: { callFrame: { functionName: string } }[]; startTime: number; endTime: number };

/** How long loading the bundle and running its module scope took, in milliseconds. */
function loadMs({ startTime, endTime }: Profile): number {
  return Math.round((endTime - startTime) / 1000);
}
