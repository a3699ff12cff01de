import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "../../../src/dev/stack.ts";
import { createToken } from "../../../src/domain/tenant/access/tokens.ts";
import { rawRequest } from "../run-load.ts";
import { openShapes } from "../shapes/database.ts";
import { measure } from "./measuring.ts";

const WRITTEN = 400;

/** A list and a write where there are more and more entries; the databases are those of the shapes. */
export async function measureEntries(server: string, sizes: number[], ms: number): Promise<void> {
  for (const entries of sizes) {
    const shapes = await openShapes(new URL(server), entries, (line) => console.log(`  ${line}`));
    const { tenantId } = shapes;
    const { token } = await createToken(shapes.newContext(), { name: "Growth", scope: "write" });
    await shapes.close();
    const dataDir = mkdtempSync(join(tmpdir(), "flow-growth-"));
    process.env["DATABASE_URL"] = shapes.databaseUrl;
    const stack = await startStack({
      ...{ dataDir, port: 0, isQuiet: true, databaseUrl: shapes.databaseUrl },
      vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
    });
    const headers = {
      ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
      "cache-control": "no-cache",
    };
    const scale = { entries, types: 3, tenants: 1 };
    const where = { stack, tenantId, ms };
    await measure(where, "list_by_entries", scale, [
      rawRequest("GET", "/api/v3/content/article?limit=10", headers),
    ]);
    const step = Math.floor(entries / WRITTEN);
    const writes = Array.from({ length: WRITTEN }, (_, i) => {
      const id = `cnt_01jd${String(1 + i * step).padStart(22, "0")}`;
      return rawRequest("PATCH", `/api/v3/content/article/${id}`, headers, { title: `Changed ${i}` });
    });
    await measure(where, "write_by_entries", scale, writes);
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
