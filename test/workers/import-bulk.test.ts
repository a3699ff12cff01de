import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { importNdjson } from "../../src/cli/ndjson/import-ndjson.ts";
import { Client } from "../../src/sdk/index.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const NOTE = {
  id: "note",
  name: "Note",
  fields: [
    { id: "text", type: "short_text", required: true, max: 20 },
    { id: "next", type: "reference", to: ["note"] },
  ],
};
const COUNT = 330;
const idOf = (n: number) => `cnt_01jd0000000000000000000${String(n).padStart(3, "0")}`;

/** A folder with notes, each published and referring to the one after it; some may be changed. */
function folderWith(change: Record<number, object> = {}): string {
  const folder = temporaryFolder();
  const lines: object[] = [
    { kind: "flowcms", format: 1 },
    { kind: "type", definition: NOTE },
  ];
  for (let n = 0; n < COUNT; n++)
    lines.push({
      kind: "entry",
      type: "note",
      id: idOf(n),
      created_at: "2020-01-01T00:00:00.000Z",
      status: "published",
      published_at: "2020-02-01T00:00:00.000Z",
      fields: { text: `Note ${n}`, ...(n % 50 === 49 && n + 1 < COUNT ? { next: idOf(n + 1) } : {}) },
      ...change[n],
    });
  writeFileSync(join(folder, "flow.ndjson"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  return folder;
}

async function imported(tenant: Tenant, folder: string, token = tenant.tokens.admin) {
  const calls: string[] = [];
  const client = new Client({
    url: inject("url"),
    apiKey: token,
    onRequest: ({ method, url }) => void calls.push(`${method} ${new URL(url).pathname}`),
  });
  const report = await importNdjson({ folder, client, concurrency: 4, onProgress() {} });
  return { report, calls };
}
const totalOf = async (tenant: Tenant, query = "") =>
  ((await tenant.get(`/content/note?limit=1${query}`)).body?.pagination?.total_items ?? 0) as number;

describe("an import of many entries", () => {
  it("takes few calls, and changes nothing when it is run again", async () => {
    const tenant = await newTenant();
    const folder = folderWith();
    const { report, calls } = await imported(tenant, folder);
    expect(report.failed).toEqual([]);
    expect(report.totals["note"]).toMatchObject({ seen: COUNT, created: COUNT, published: COUNT });
    expect(calls.length).toBeLessThan(30);
    expect(await totalOf(tenant)).toBe(COUNT);
    const last = (await tenant.get(`/content/note/${idOf(49)}`)).body.data;
    expect(last).toMatchObject({ next: idOf(50), published_at: "2020-02-01T00:00:00.000Z" });

    const again = await imported(tenant, folder);
    expect(again.report.totals["note"]).toMatchObject({ unchanged: COUNT, updated: 0, published: 0 });
    expect(again.calls.length).toBeLessThan(15);
  });

  it("reports the entries that fail, each by itself, and brings all others in", async () => {
    const tenant = await newTenant();
    const folder = folderWith({
      7: { fields: { text: "longer than twenty characters" } },
      8: { fields: { text: "Lost", next: "cnt_01jd0000000000000000000999" } },
      9: { fields: { text: "Odd", published_version: 3 } },
    });
    const { report } = await imported(tenant, folder);
    expect(report.ok).toBe(false);
    expect(report.failed.map(({ id, reason }) => [id, reason]).sort()).toEqual([
      [idOf(7), expect.stringContaining("text")],
      [idOf(8), expect.stringContaining("imported without the reference")],
      [idOf(9), expect.stringContaining("published_version")],
    ]);
    expect(report.totals["note"]).toMatchObject({ created: COUNT - 3, failed: 3 });
    expect(await totalOf(tenant)).toBe(COUNT - 2);
    expect((await tenant.get(`/content/note/${idOf(8)}`)).body.data).toMatchObject({
      text: "Lost",
      next: null,
    });
  });

  it("keeps once what the folder has twice, and says so", async () => {
    const tenant = await newTenant();
    const folder = folderWith();
    const file = join(folder, "flow.ndjson");
    const text = readFileSync(file, "utf8");
    const twice = { kind: "entry", type: "note", id: idOf(5), created_at: "2020-01-01T00:00:00.000Z" };
    writeFileSync(
      file,
      `${text}${JSON.stringify({ ...twice, status: "draft", fields: { text: "Again" } })}\n`,
    );
    for (const outcome of ["created", "unchanged"]) {
      const { report } = await imported(tenant, folder);
      expect(report.totals["note"]).toMatchObject({ seen: COUNT + 1, [outcome]: COUNT, skipped: 1 });
      expect(report.notes).toMatchObject([{ id: idOf(5), reason: expect.stringContaining("twice") }]);
    }
    expect((await tenant.get(`/content/note/${idOf(5)}`)).body.data.text).toBe("Note 5");
  });

  it("finishes what was killed", async () => {
    const tenant = await newTenant();
    const folder = folderWith();
    const killed = await runFlow(["import", "ndjson", folder, "--concurrency", "1"], {
      token: tenant.tokens.admin,
      killWhen: async () => (await totalOf(tenant, "&perspective=draft")) > 0,
    });
    expect(killed.code).toBeNull();
    expect(await totalOf(tenant, "&perspective=draft")).toBeLessThan(COUNT);
    expect((await imported(tenant, folder)).report).toMatchObject({ ok: true, failed: [] });
    expect(await totalOf(tenant)).toBe(COUNT);
  });

  it("stops when its token is refused", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/note", NOTE);
    const seen: string[] = [];
    const client = new Client({
      url: inject("url"),
      apiKey: tenant.tokens.admin,
      onRequest(request) {
        seen.push(request.url);
        if (request.url.endsWith("/bulk"))
          request.headers.set("authorization", `Bearer ${tenant.tokens.read}`);
      },
    });
    const run = importNdjson({ folder: folderWith(), client, concurrency: 1, onProgress() {} });
    await expect(run).rejects.toMatchObject({ status: 403 });
    expect(seen.filter((url) => url.endsWith("/bulk"))).toHaveLength(1);
  });
});
