import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { GatewayBindings, SnapshotAnswer } from "./env.ts";
import {
  COOLDOWN_MS,
  FRESH_MS,
  LOOK_AGAIN_MS,
  nextCheck,
  refreshSnapshot,
  RENEW_MS,
  SENSITIVE_MS,
  snapshotOf,
  STALE_MS,
} from "./snapshots.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A tenant's object that counts how often it is asked, and may be out of reach. */
function newObject() {
  const object = { asked: 0, reread: 0, isDown: false };
  const read = async (): Promise<SnapshotAnswer> => {
    object.asked++;
    if (object.isDown) throw new Error("out of reach");
    return { snapshot: { keys: [] } as never, generation: object.asked };
  };
  const refresh = () => {
    object.reread++;
    return read();
  };
  const env = { TENANTS: { getByName: () => ({ read, refresh }) } } as unknown as GatewayBindings;
  const behind: Promise<unknown>[] = [];
  const ask = (freshMs?: number) =>
    snapshotOf(env, tenant, { waitUntil: (work) => void behind.push(work) }, freshMs);
  const tenant = crypto.randomUUID();
  const lookAgain = () => refreshSnapshot(env, tenant);
  return { object, ask, behind, lookAgain };
}

it("looks again for what it does not know, and seldom makes the object read the database", async () => {
  const { object, ask, lookAgain } = newObject();
  await ask();
  await lookAgain();
  expect(object).toMatchObject({ asked: 2, reread: 1 });
  const waiting = lookAgain();
  await vi.advanceTimersByTimeAsync(LOOK_AGAIN_MS - 1);
  expect(object.asked).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect((await waiting)!.generation).toBe(3);
  expect(object.reread).toBe(1);
  vi.advanceTimersByTime(COOLDOWN_MS);
  await lookAgain();
  expect(object).toMatchObject({ asked: 4, reread: 2 });
});

it("asks the object once in eight seconds, and then behind the answer", async () => {
  const { object, ask, behind } = newObject();
  await ask();
  vi.advanceTimersByTime(RENEW_MS - 100);
  await ask();
  expect(object.asked).toBe(1);
  vi.advanceTimersByTime(200);
  expect((await ask())!.generation).toBe(1);
  await ask();
  await Promise.all(behind);
  expect(object.asked).toBe(2);
  expect((await ask())!.generation).toBe(2);
});

it("answers by nothing that is older than ten seconds while the object can be asked", async () => {
  const { ask } = newObject();
  await ask();
  for (const idle of [FRESH_MS, 30_000, STALE_MS, 600_000]) {
    const before = (await ask())!.generation;
    vi.advanceTimersByTime(idle);
    expect((await ask())!.generation).toBeGreaterThan(before);
  }
});

it("limits a check to the snapshot's age, and asks an unreachable object once a second", async () => {
  const { object, ask, behind } = newObject();
  const cached = (await ask())!;
  expect(nextCheck(cached)).toBe(cached.readAt + RENEW_MS);
  vi.advanceTimersByTime(9500);
  expect(nextCheck(cached)).toBe(cached.readAt + FRESH_MS);
  object.isDown = true;
  vi.advanceTimersByTime(10_000);
  await Promise.all([ask(), ask()]);
  const asked = object.asked;
  await ask();
  expect(object.asked).toBe(asked);
  expect(nextCheck(cached)).toBe(Date.now() + 1000);
  await Promise.all(behind);
});

it("asks before the answer where a revocation counts sooner", async () => {
  const { object, ask } = newObject();
  await ask();
  vi.advanceTimersByTime(SENSITIVE_MS - 100);
  expect((await ask(SENSITIVE_MS))!.generation).toBe(1);
  vi.advanceTimersByTime(200);
  expect((await ask(SENSITIVE_MS))!.generation).toBe(2);
  expect(object.asked).toBe(2);
});

it("lets nobody in without the object after a minute, and at once where it counts", async () => {
  const { object, ask, behind } = newObject();
  await ask();
  object.isDown = true;
  vi.advanceTimersByTime(30_000);
  expect((await ask())!.generation).toBe(1);
  await expect(ask(SENSITIVE_MS)).rejects.toMatchObject({ reason: "access/no-snapshot" });
  vi.advanceTimersByTime(STALE_MS);
  await expect(ask()).rejects.toMatchObject({ reason: "access/no-snapshot" });
  await Promise.all(behind);
});

it("keeps the later of two snapshots, whichever comes last", async () => {
  const waiting: ((answer: SnapshotAnswer) => void)[] = [];
  const later = () => new Promise<SnapshotAnswer>((resolve) => waiting.push(resolve));
  const env = { TENANTS: { getByName: () => ({ read: later, refresh: later }) } };
  const [bindings, tenant] = [env as unknown as GatewayBindings, crypto.randomUUID()];
  const ask = () => refreshSnapshot(bindings, tenant, true);
  const readAt = (at: number) => ({ snapshot: { read_at_ms: at } as never, generation: 1 });
  const shown = async (asked: ReturnType<typeof ask>) => (await asked)?.snapshot.read_at_ms;
  const [slow, gone, quick] = [ask(), ask(), ask()];
  waiting[2]!(readAt(2000));
  expect(await shown(quick)).toBe(2000);
  waiting[0]!(readAt(1000));
  expect(await shown(slow)).toBe(2000);
  waiting[1]!({ snapshot: null, generation: 1 });
  expect(await shown(gone)).toBe(2000);
  vi.advanceTimersByTime(1);
  // Who asks after that gets what the object says, whatever its number.
  const next = ask();
  waiting[3]!(readAt(500));
  expect(await shown(next)).toBe(500);
});
