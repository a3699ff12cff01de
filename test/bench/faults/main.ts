import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compareWrites, prepareLoad, runFaultLoad } from "./fault-load.ts";
import { startFaultStack } from "./fault-stack.ts";

const { values: options } = parseArgs({
  options: { faults: { type: "string", default: "100000" }, json: { type: "string" } },
});
const REQUESTS = Number(options.faults);
const SHARE = 0.01;
/** How long Postgres is away, and how long the load goes on before and after. */
const [BEFORE_MS, AWAY_MS, AFTER_MS] = [3000, 10_000, 5000];

const faulty = await startFaultStack();
const prepared = await prepareLoad(faulty);

await faulty.fault(SHARE);
const load = await runFaultLoad(prepared, { name: "faults", goesOn: (sent) => sent < REQUESTS });
const faults = await faulty.faults();
await faulty.fault(0);
console.log(`${load.sent} requests, ${100 * SHARE} % faults in each dependency:`);
show({ faults, statuses: load.statuses, cache: load.states, wrong: load.wrong.length });

const outage = await runOutage();
show({ "Postgres was away": `${AWAY_MS} ms`, ...outage.during, wrong: outage.wrong.length });
show({ "after it was back": `${AFTER_MS} ms`, ...outage.after });

const written = await compareWrites(faulty, [...load.acknowledged, ...outage.acknowledged]);
show({ acknowledged: load.acknowledged.length + outage.acknowledged.length, ...written });
await faulty.close();

const wrong = [...load.wrong, ...outage.wrong];
for (const one of wrong.slice(0, 20)) console.log(`WRONG ${one}`);
const silent = Object.keys(faults).filter((kind) => faults[kind] === 0);
if (silent.length > 0) console.log(`NO FAULT of the kinds ${silent.join(", ")}`);
if (options.json)
  writeFileSync(
    options.json,
    `${JSON.stringify({ requests: load.sent, share: SHARE, faults, load: counts(load), outage, written }, null, 2)}\n`,
  );
process.exit(wrong.length + silent.length + written.lost + written.twice > 0 ? 1 : 0);

/** The way to Postgres is cut in mid-load, and is there again after a while. */
async function runOutage() {
  const until = (ms: number) => {
    const end = performance.now() + ms;
    return () => performance.now() < end;
  };
  await runFaultLoad(prepared, { name: "before", goesOn: until(BEFORE_MS) });
  await faulty.postgres.cut();
  // Nobody waits for a write meanwhile: it is the reads that are looked at.
  const during = await runFaultLoad(prepared, { name: "away", goesOn: until(AWAY_MS), writeTries: 1 });
  await faulty.postgres.restore();
  const after = await runFaultLoad(prepared, { name: "back", goesOn: until(AFTER_MS) });
  return {
    during: counts(during),
    after: counts(after),
    wrong: [...during.wrong, ...after.wrong],
    acknowledged: [...during.acknowledged, ...after.acknowledged],
  };
}

function counts({ statuses, states }: { statuses: object; states: object }) {
  return { statuses, cache: states };
}

function show(figures: object): void {
  for (const [name, figure] of Object.entries(figures)) console.log(`  ${name}: ${JSON.stringify(figure)}`);
}
