import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { newWorld, RARE, READER_READS, READS, type Read, type World } from "../support/cache-world.ts";
import { newRandom, type Random } from "../support/random.ts";
import { asOwner, delivered, eventually } from "../support/tenant.ts";

/** `npm run bench -- --cache-property 10000` for a long run; FLOW_CACHE_SEED repeats one. */
const WRITES = Number(process.env["FLOW_CACHE_WRITES"] ?? 160);
const SEED = Number(process.env["FLOW_CACHE_SEED"] ?? Date.now() % 1e9);
/** Tenants side by side, each of which waits most of the time. */
const IS_LONG = WRITES > 1000;
const WORLDS = IS_LONG ? 8 : 4;
const MOST_AT_ONCE = IS_LONG ? 8 : 4;
/** In a long run one in so many is compared each time: an answer that is wrong stays so, and is met later. */
const COMPARED_OF = IS_LONG ? 3 : 1;
const SEEN_AFTER_MS = 1000;

it(
  `a second after each of ${WRITES} random writes every cached answer is the uncached one`,
  { timeout: 120_000 + WRITES * 300 },
  async () => {
    const totals = { written: 0, compared: 0, hits: 0, late: 0 };
    const statuses = new Map<string, number>();
    const live = async (n: number) => {
      const random = newRandom(SEED + n);
      const world = await newWorld(random, n);
      while (totals.written < WRITES) {
        const burst = 1 + random.below(MOST_AT_ONCE);
        if (Math.floor(totals.written / 1000) < Math.floor((totals.written + burst) / 1000))
          process.stderr.write(`${JSON.stringify(totals)}\n`);
        totals.written += burst;
        await Promise.all(Array.from({ length: burst }, () => writeAndRead(world, random)));
        const answeredAt = performance.now();
        // What was purged is asked for again at once, and may be kept as it was before.
        await Promise.all(READS.map((one) => world.ask(one, world.tenant.tokens.read)));
        await rebuilt(world);
        await pause(answeredAt + SEEN_AFTER_MS - performance.now());
        await compareAll(world, random, totals);
      }
      for (const [what, count] of world.statuses) statuses.set(what, (statuses.get(what) ?? 0) + count);
    };
    await Promise.all(Array.from({ length: WORLDS }, (_, n) => live(n)));
    console.log(
      `seed ${SEED}: ${JSON.stringify(totals)}; ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`,
    );
    expect(totals.hits).toBeGreaterThan(totals.compared / 4);
    for (const what of ["create", "publish", ...RARE])
      expect(
        [...statuses.keys()].filter((one) => new RegExp(`^${what} 2`).test(one)),
        what,
      ).not.toEqual([]);
  },
);

/** A write, while caches fill. */
async function writeAndRead(world: World, random: Random): Promise<void> {
  const read = () => world.ask(random.of(READS), world.tenant.tokens.write);
  await Promise.all([world.write(), read(), read()]);
}

/** A changed type is rebuilt in pieces, each of which purges what it has changed. */
async function rebuilt({ tenant }: World): Promise<void> {
  await eventually(async () => {
    const [waiting] = await asOwner(
      tenant,
      sql`select 1 from rebuilds where tenant_id = ${tenant.tenantId}::uuid limit 1`,
    );
    return waiting!.length === 0;
  });
}

async function compareAll(
  world: World,
  random: Random,
  totals: { compared: number; hits: number; late: number },
): Promise<void> {
  const { write, read } = world.tenant.tokens;
  const live = { "x-flow-environment": "live" };
  for (const one of [...READS, ...world.singles()]) {
    if (random.below(COMPARED_OF) > 0) continue;
    const environment = random.below(3) === 0 ? live : {};
    await mustAgree(one, environment, random.below(2) === 0 ? write : read, write);
  }
  for (const one of READER_READS) {
    if (random.below(COMPARED_OF) > 0) continue;
    const { secret } = world.reader;
    const { status, text } = await mustAgree(one, {}, secret, secret);
    if (status === 200 && !world.mayReadRanks()) expect(text).not.toContain('"rank"');
  }

  /** What a caller gets and what the database says, which `bypassing` asks past every cache. */
  async function mustAgree(one: Read, environment: Record<string, string>, token: string, bypassing: string) {
    const both = async () => {
      const askedAt = new Date();
      const cached = await world.ask(one, token, environment);
      const uncached = await world.ask(one, bypassing, { ...environment, "cache-control": "no-cache" });
      expect(uncached.headers.get("x-flow-cache"), JSON.stringify(one)).toBe("BYPASS");
      return { askedAt, cached, uncached };
    };
    let { askedAt, cached, uncached } = await both();
    const isSame = () => cached.status === uncached.status && strip(cached.text) === strip(uncached.text);
    if (!isSame() && (await wasWaiting(world, askedAt))) {
      // A machine too busy to deliver within a second is not the caches' fault; what comes after is.
      totals.late++;
      await delivered(world.tenant);
      ({ askedAt, cached, uncached } = await both());
    }
    const state = cached.headers.get("x-flow-cache");
    expect(
      [cached.status, strip(cached.text)],
      `${JSON.stringify([one, environment])} (${state}), seed ${SEED}`,
    ).toEqual([uncached.status, strip(uncached.text)]);
    totals.compared++;
    if (state === "HIT") totals.hits++;
    return cached;
  }
}

/** Whether the caches had not been told of all that was written at that moment. */
async function wasWaiting({ tenant }: World, at: Date): Promise<boolean> {
  const [rows] = await asOwner(
    tenant,
    sql`select 1 from outbox where tenant_id = ${tenant.tenantId}::uuid
      and (done_at is null or done_at > ${at.toISOString()}::timestamptz) limit 1`,
  );
  return rows!.length > 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Each answer to an error names its own request. */
const strip = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
