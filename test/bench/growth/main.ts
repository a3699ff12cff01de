import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../../../src/dev/stack.ts";
import { drawGrowth } from "./draw.ts";
import { measureEntries } from "./entries.ts";
import { allFigures, type Figure } from "./measuring.ts";
import { measureBulk, measureTenants, measureTypes } from "./types.ts";

const { values: options } = parseArgs({
  options: {
    growth: { type: "boolean" },
    json: { type: "string" },
    /** The JSON of an earlier run, to be drawn into docs/images. */
    draw: { type: "string" },
    entries: { type: "string", default: "1000,10000,100000,1000000" },
    types: { type: "string", default: "1,20,200" },
    tenants: { type: "string", default: "1000" },
    tenantTypes: { type: "string", default: "20" },
    ms: { type: "string", default: "3000" },
    bulk: { type: "string", default: "0" },
  },
});
const numbers = (list: string) => list.split(",").filter(Boolean).map(Number);

if (options.draw) {
  drawGrowth(JSON.parse(readFileSync(options.draw, "utf8")) as Figure[]);
  process.exit(0);
}
const ms = Number(options.ms);
const databaseUrl = process.env["DATABASE_URL"] || undefined;
const dataDir = mkdtempSync(join(tmpdir(), "flow-growth-"));
const stack = await startStack({
  ...{ dataDir, port: 0, isQuiet: true, databaseUrl },
  vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
});
console.log(`CPU of the whole stack for each request, ${stack.databases.kind.postgres} Postgres:\n`);
if (Number(options.bulk) > 0) await measureBulk(stack, Number(options.bulk));
for (const types of numbers(options.types)) await measureTypes(stack, types, ms);
const [tenants, types] = [Number(options.tenants), Number(options.tenantTypes)];
if (tenants > 0) await measureTenants(stack, { count: tenants, types, ms });
await stack.close();
rmSync(dataDir, { recursive: true, force: true });
if (databaseUrl) await measureEntries(databaseUrl, numbers(options.entries), ms);
else console.log("DATABASE_URL is not set: numbers of entries need a Postgres server of their own.");
if (options.json) writeFileSync(options.json, `${JSON.stringify(allFigures(), null, 2)}\n`);
process.exit(0);
