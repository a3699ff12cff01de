import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareWrites, prepareLoad, runFaultLoad, type Prepared } from "../bench/faults/fault-load.ts";
import { startFaultStack, type FaultStack } from "../bench/faults/fault-stack.ts";
import { findPostgres } from "../support/database.ts";

const isHere = await findPostgres();
/** `npm run bench -- --faults 100000` for a long run. */
const REQUESTS = 1500;
/** So few requests meet each kind of fault only when there are many. */
const SHARE = 0.05;

describe.skipIf(!isHere)("faults in what it depends on", () => {
  let faulty: FaultStack;
  let prepared: Prepared;
  beforeAll(async () => {
    faulty = await startFaultStack();
    prepared = await prepareLoad(faulty, 10);
  }, 120_000);
  afterAll(() => faulty?.close());

  it("make no wrong answer and no 500, and lose no write that was acknowledged", async () => {
    await faulty.fault(SHARE);
    const load = await runFaultLoad(prepared, { name: "faults", goesOn: (sent) => sent < REQUESTS });
    const faults = await faulty.faults();
    await faulty.fault(0);
    console.log(JSON.stringify({ faults, ...load.statuses, ...load.states }));
    expect(load.wrong).toEqual([]);
    for (const name of ["postgres", "redis", "content", "identity"])
      expect(faults[`${name} before`]! + faults[`${name} after`]!, name).toBeGreaterThan(0);
    expect(await compareWrites(faulty, load.acknowledged)).toEqual({ lost: 0, twice: 0 });
  }, 240_000);
});
