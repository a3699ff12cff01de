import {
  aggregateEntries,
  getEntry,
  listEntries,
  parseAggregateQuery,
  parseListQuery,
  parseViewQuery,
} from "../../../src/domain/content/entries/index.ts";
import { connect } from "../../../src/db/client.ts";
import { openShapes } from "./database.ts";
import { SHAPES } from "./shapes.ts";

const entries = Number(process.argv[2] ?? 1_000_000);
const only = process.argv[3] ? new RegExp(process.argv[3]) : undefined;
const db = await openShapes(new URL(process.env["DATABASE_URL"]!), entries, (line) => console.log(line));
const client = connect(db.appUrl);
const ask = (path: string, kind: string) => {
  const [way, query = ""] = path.split("?");
  const [type, id] = way!.split("/") as [string, string?];
  const params = new URLSearchParams(query);
  const ctx = db.newContext();
  if (kind === "aggregate") return aggregateEntries(ctx, { type, query: parseAggregateQuery(params) });
  if (kind === "get") return getEntry(ctx, { type, idOrSlug: id!, query: parseViewQuery(params) });
  return listEntries(ctx, { type, query: parseListQuery(params) });
};
const byHand = (text: string) =>
  client.transaction([
    client.query("select cms_scope($1, $2, 'false')", [db.tenantId, db.environmentId]),
    client.query(text, [db.tenantId, db.environmentId]),
  ]);
async function times(work: () => Promise<unknown>): Promise<{ p50: number; p95: number } | string> {
  const found: number[] = [];
  const until = performance.now() + 4000;
  for (let i = 0; i < 40 && (i < 3 || performance.now() < until); i++) {
    const from = performance.now();
    try {
      await work();
    } catch (error) {
      return (error as { reason?: string; message: string }).reason ?? (error as Error).message;
    }
    found.push(performance.now() - from);
  }
  const sorted = found.slice(1).sort((a, b) => a - b);
  const at = (share: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1));
  return { p50: at(0.5), p95: at(0.95) };
}
console.log(
  "shape".padEnd(28),
  "p50".padStart(9),
  "p95".padStart(9),
  "hand p50".padStart(9),
  "hand p95".padStart(9),
  "ratio",
);
for (const shape of SHAPES) {
  if (only && !only.test(shape.name)) continue;
  const own = await times(() => ask(shape.path, shape.kind));
  const hand = shape.hand ? await times(() => byHand(shape.hand!)) : undefined;
  const cell = (of: typeof own | undefined, key: "p50" | "p95") =>
    of === undefined ? "–" : typeof of === "string" ? (key === "p50" ? of : "") : String(of[key]);
  const ratio = typeof own === "object" && typeof hand === "object" ? (own.p50 / hand.p50).toFixed(1) : "";
  console.log(
    shape.name.padEnd(28),
    cell(own, "p50").padStart(9),
    cell(own, "p95").padStart(9),
    cell(hand, "p50").padStart(9),
    cell(hand, "p95").padStart(9),
    ratio,
  );
}
await db.close();
