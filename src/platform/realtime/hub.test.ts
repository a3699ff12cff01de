import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { CommittedEvent, LiveEvent } from "../../core/live.ts";
import type { Census } from "./env.ts";
import { appendEvents, eventsAfter, formatSince, headOf, openLog, parseSince } from "./hub-log.ts";
import { LOG_EVENTS, LOG_MS, MAX_SOCKETS_PER_CALLER, MAX_SOCKETS_PER_ENVIRONMENT } from "./limits.ts";
import { overLimit } from "./over-limit.ts";
import { latestOfInterest } from "./room.ts";

/** SQLite as a Durable Object has it. */
function newSql(): SqlStorage {
  const database = new DatabaseSync(":memory:");
  const exec = (query: string, ...values: SQLInputValue[]) => {
    if (values.length === 0 && /^\s*create/.test(query)) return void database.exec(query);
    const rows = database.prepare(query).all(...values);
    return { toArray: () => rows, one: () => rows[0] };
  };
  return { exec } as unknown as SqlStorage;
}
const event = (
  id: number,
  name: CommittedEvent["event"] = "entry.published",
  of = `cnt_${id}`,
): CommittedEvent => ({
  id: String(id),
  event: name,
  payload: { id: of, type: "article" },
  at: "2026-01-31T09:30:00.000Z",
});

describe("the log of a hub", () => {
  it("keeps each event once, in the order in which it came, and says where each is", () => {
    const sql = newSql();
    openLog(sql);
    expect(appendEvents(sql, [event(5), event(3)], 1)).toBe(true);
    expect(appendEvents(sql, [event(3), event(5)], 2)).toBe(false);
    expect(appendEvents(sql, [event(3), event(4)], 3)).toBe(true);
    const { events, last, isGap } = eventsAfter(sql, 0, 10);
    expect([events.map(({ id }) => id), last, isGap]).toEqual([["5", "3", "4"], 3, false]);
    const { epoch } = headOf(sql);
    expect(events.map(({ since }) => parseSince(since))).toEqual([1, 2, 3].map((seq) => ({ epoch, seq })));
    expect(eventsAfter(sql, 1, 1).events.map(({ id }) => id)).toEqual(["3"]);
    expect(eventsAfter(sql, 3, 10)).toEqual({ events: [], last: 3, isGap: false });
    openLog(sql);
    expect(headOf(sql)).toEqual({ epoch, seq: 3 });
  });

  it("lets go of what is old or too much, and says so to who asks for it", () => {
    const sql = newSql();
    openLog(sql);
    appendEvents(
      sql,
      Array.from({ length: LOG_EVENTS }, (_, i) => event(i)),
      1,
    );
    expect(eventsAfter(sql, 0, 1).isGap).toBe(false);
    appendEvents(sql, [event(LOG_EVENTS)], 1);
    expect([eventsAfter(sql, 0, 1).isGap, eventsAfter(sql, 1, 1).isGap]).toEqual([true, false]);
    appendEvents(sql, [event(LOG_EVENTS + 1)], LOG_MS + 2);
    expect(eventsAfter(sql, 0, 9).events.length).toBe(1);
    expect(eventsAfter(sql, LOG_EVENTS, 9).isGap).toBe(true);
  });

  it("takes nothing for a place that is none", () => {
    for (const bad of [
      "",
      "1",
      "x.1",
      "00000000.",
      "00000000.-1",
      "00000000.1.2",
      `00000000.${"9".repeat(16)}`,
    ])
      expect(parseSince(bad), bad).toBeUndefined();
    expect(parseSince(formatSince({ epoch: "0a0b0c0d", seq: 7 }))).toEqual({ epoch: "0a0b0c0d", seq: 7 });
  });
});

it("of several changes of a thing the last is told that a subscription is about", () => {
  const live = [
    event(1, "entry.published", "a"),
    event(2, "entry.published", "b"),
    event(3, "entry.updated", "a"),
    event(4, "entry.unpublished", "b"),
  ].map((one): LiveEvent => ({ ...one, since: one.id }));
  const interest = { events: ["entry.published", "entry.unpublished"], type: "article" };
  expect(latestOfInterest(interest, live).map(({ since }) => since)).toEqual(["1", "4"]);
  expect(latestOfInterest({ ...interest, id: "a" }, live).map(({ since }) => since)).toEqual(["1"]);
  expect(latestOfInterest({ ...interest, type: "page" }, live)).toEqual([]);
});

it("counts the connections of a caller and of an environment over all shards", () => {
  const held = new Map<string, Census>([
    ["one", { all: 4999, ofEach: { tok_a: MAX_SOCKETS_PER_CALLER - 2, tok_b: 1 } }],
    ["two", { all: MAX_SOCKETS_PER_ENVIRONMENT - 5001, ofEach: { tok_b: 7 } }],
  ]);
  const joining = (shard: string, who: string, ofWho: number, all: number) => ({ shard, who, ofWho, all });
  expect(overLimit(held, joining("three", "tok_a", 2, 2))).toBeUndefined();
  expect(overLimit(held, joining("three", "tok_a", 3, 2))).toBe("caller");
  expect(overLimit(held, joining("three", "tok_c", 1, 3))).toBe("environment");
  expect(overLimit(held, joining("two", "tok_b", 8, MAX_SOCKETS_PER_ENVIRONMENT - 4999))).toBeUndefined();
});
