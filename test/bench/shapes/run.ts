import { connect } from "../../../src/db/client.ts";
import { openShapes } from "./database.ts";
import { askShape, SHAPES } from "./shapes.ts";

const RUNS = 40;
const MS = 4000;

/**
 * Every shape beside SQL by hand over the same endpoint, in one run, one request at a time: p50 and p95
 * in ms. The database is kept for the next run.
 */
export async function measureShapes(server: string, entries: number, only?: string): Promise<void> {
  const db = await openShapes(new URL(server), entries, (line) => console.log(line));
  const client = connect(db.appUrl);
  const byHand = (text: string) =>
    client.transaction([
      client.query("select cms_scope($1, $2, 'false')", [db.tenantId, db.environmentId]),
      client.query(text, [db.tenantId, db.environmentId]),
    ]);
  console.log(`\n| shape, ${entries} entries | p50 | p95 | by hand p50 | p95 | ratio |`);
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const shape of SHAPES) {
    if (only && !new RegExp(only).test(shape.name)) continue;
    const own = await timesOf(() => askShape(db.newContext(), shape));
    const hand = shape.hand === undefined ? undefined : await timesOf(() => byHand(shape.hand!));
    const cells = (times: Times | undefined) =>
      times === undefined
        ? ["–", "–"]
        : "reason" in times
          ? [times.reason, "–"]
          : [String(times.p50), String(times.p95)];
    const ratio = hand && "p50" in own && "p50" in hand ? (own.p50 / hand.p50).toFixed(1) : "–";
    console.log(`| ${[shape.name, ...cells(own), ...cells(hand), ratio].join(" | ")} |`);
  }
  await db.close();
}

type Times = { p50: number; p95: number } | { reason: string };

async function timesOf(work: () => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  const until = performance.now() + MS;
  while (times.length < 4 || (times.length < RUNS && performance.now() < until)) {
    const from = performance.now();
    try {
      await work();
    } catch (error) {
      return { reason: (error as { reason?: string }).reason ?? (error as Error).message };
    }
    times.push(performance.now() - from);
  }
  // The first one finds cold caches.
  const sorted = times.slice(1).sort((a, b) => a - b);
  const at = (share: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1));
  return { p50: at(0.5), p95: at(0.95) };
}
