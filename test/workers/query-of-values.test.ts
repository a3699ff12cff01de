import { beforeAll, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

type Where = Record<string, unknown>;
type Row = Record<string, unknown> & { id: string };
type Sample = {
  /** A value in its stored form. */
  make(next: () => number): unknown;
  operand(value: unknown): unknown;
  compare(a: unknown, b: unknown): number;
};

const DECIMALS = ["-1", "0", "0.10", "9007199254740992.99", "9007199254740993.00", "9007199254740993.01"];
const CLOCKS = ["00:00:00", "09:30:00", "09:30:01", "23:59:59"];
const DAYS = ["2026-01-01", "2026-01-02", "2026-01-31", "2026-02-01", "2027-01-01"];
const pickOf =
  <T>(list: readonly T[]) =>
  (next: () => number): T =>
    list[Math.floor(next() * list.length)]!;
const scaled = (decimal: string) => BigInt(decimal.replace(".", "") + (decimal.includes(".") ? "" : "00"));
const byText = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : a === b ? 0 : 1);
const byNumber = (a: unknown, b: unknown) => (a as number) - (b as number);
const decimal: Sample = {
  make: pickOf(["-1.00", "0.00", ...DECIMALS.slice(2)]),
  operand: (value) => String(value).replace(/\.00$/, ""),
  compare: (a, b) => Number(scaled(a as string) - scaled(b as string)),
};
const text = (list: string[]): Sample => ({ make: pickOf(list), operand: (value) => value, compare: byText });
const number: Sample = {
  make: pickOf([1, 2, 2.5, 3]),
  operand: (value) => value,
  compare: byNumber,
};
/** Fields with one value, those whose values are lists, and the parts of others. */
const SINGLE: Record<string, Sample> = {
  cost: decimal,
  opens: text(CLOCKS),
  "price.amount": decimal,
  "price.currency": text(["EUR", "USD"]),
  "days.from": text(DAYS),
  "days.to": text(DAYS),
  "ages.from": number,
  "ages.to": number,
};
const LISTS: Record<string, Sample> = {
  sizes: number,
  rates: decimal,
  dates: text(DAYS),
  shifts: text(CLOCKS),
};
const FIELDS = [
  { id: "cost", type: "decimal", scale: 2 },
  { id: "opens", type: "time" },
  { id: "price", type: "money" },
  { id: "days", type: "date_range" },
  { id: "ages", type: "number_range" },
  { id: "sizes", type: "number", multiple: true },
  { id: "rates", type: "decimal", scale: 2, multiple: true },
  { id: "dates", type: "date", multiple: true },
  { id: "shifts", type: "time", multiple: true },
];

function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

let tenant: Tenant;
let rows: Row[];
beforeAll(async () => {
  tenant = await newTenant();
  const made = await tenant.post("/types", { id: "item", name: "Item", fields: FIELDS });
  expect(made.status, made.text).toBe(201);
  const next = randomness(11);
  rows = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const values = randomValues(next);
      return { id: await tenant.published("item", values), ...values };
    }),
  );
}, 60_000);

function randomValues(next: () => number): Where {
  const orNull = <T>(value: T): T | null => (next() < 0.2 ? null : value);
  const range = (of: Sample) => {
    const ends = [orNull(of.make(next)), orNull(of.make(next))];
    const [from, to] = ends.every((end) => end !== null) ? ends.sort((a, b) => of.compare(a, b)) : ends;
    return from === null && to === null ? null : { from, to };
  };
  const list = (of: Sample) => Array.from({ length: Math.floor(next() * 4) }, () => of.make(next));
  return {
    cost: orNull(decimal.make(next)),
    opens: orNull(SINGLE["opens"]!.make(next)),
    price: orNull({ amount: decimal.make(next), currency: pickOf(["EUR", "USD"])(next) }),
    days: range(SINGLE["days.from"]!),
    ages: range(number),
    ...Object.fromEntries(Object.entries(LISTS).map(([id, of]) => [id, orNull(list(of))])),
  };
}

const COMPARISONS = ["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists"];

function randomWhere(next: () => number, depth: number): Where {
  const kind = depth > 2 ? 1 : next();
  const inner = () => randomWhere(next, depth + 1);
  if (kind < 0.3) return { [kind < 0.15 ? "and" : "or"]: [inner(), inner()] };
  if (kind < 0.4) return { not: inner() };
  if (kind < 0.6) {
    const id = next() < 0.5 ? "days" : "ages";
    const of = SINGLE[`${id}.from`]!;
    if (next() < 0.5) return { [id]: { contains: of.make(next) } };
    const [from, to] = [of.make(next), of.make(next)].sort((a, b) => of.compare(a, b));
    return { [id]: { overlaps: next() < 0.3 ? { from } : next() < 0.3 ? { to } : { from, to } } };
  }
  const all = { ...SINGLE, ...LISTS };
  const path = pickOf(Object.keys(all))(next);
  const operator = pickOf(COMPARISONS)(next);
  const value = () => all[path]!.operand(all[path]!.make(next));
  const wanted =
    operator === "exists" ? next() < 0.5 : operator.endsWith("in") ? [value(), value()] : value();
  const [id, part] = path.split(".") as [string, string | undefined];
  return { [id]: part ? { [part]: { [operator]: wanted } } : { [operator]: wanted } };
}

/** What the documentation says of each operator. */
function holds(row: Row, where: Where): boolean {
  return Object.entries(where).every(([id, value]) => {
    if (id === "and") return (value as Where[]).every((one) => holds(row, one));
    if (id === "or") return (value as Where[]).some((one) => holds(row, one));
    if (id === "not") return !holds(row, value as Where);
    return Object.entries(value as Where).every(([name, wanted]) => holdsOf(row, id, name, wanted));
  });
}

function holdsOf(row: Row, id: string, name: string, wanted: unknown): boolean {
  const path = `${id}.${name}`;
  const whole = row[id] as Where | null;
  if (SINGLE[path]) {
    const [[operator, one]] = Object.entries(wanted as Where) as [[string, unknown]];
    return compares(SINGLE[path], whole?.[name], operator, one);
  }
  if (name !== "contains" && name !== "overlaps")
    return compares(SINGLE[id] ?? LISTS[id]!, whole, name, wanted);
  const { from = null, to = null } = name === "contains" ? { from: wanted, to: wanted } : (wanted as Where);
  const { compare } = SINGLE[`${id}.from`]!;
  const startsInTime = whole?.["from"] === null || to === null || compare(whole?.["from"], to) <= 0;
  const endsInTime = whole?.["to"] === null || from === null || compare(whole?.["to"], from) >= 0;
  return whole !== null && startsInTime && endsInTime;
}

function compares(of: Sample, given: unknown, operator: string, wanted: unknown): boolean {
  const isThere = given !== null && given !== undefined;
  if (operator === "exists") return isThere === wanted;
  if (operator === "ne") return !compares(of, given, "eq", wanted);
  if (operator === "nin") return !compares(of, given, "in", wanted);
  if (!isThere) return false;
  if (Array.isArray(given)) return given.some((one) => compares(of, one, operator, wanted));
  if (operator === "in") return (wanted as unknown[]).some((one) => compares(of, given, "eq", one));
  const order = of.compare(given, wanted);
  return { eq: order === 0, gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[operator]!;
}

it("filters of decimals, times, money, ranges and lists agree with a naive reading", async () => {
  const wrong: unknown[] = [];
  const check = async (seed: number) => {
    const where = randomWhere(randomness(seed * 7919), 0);
    const query = new URLSearchParams({
      filter: JSON.stringify(where),
      limit: "100",
      perspective: seed % 2 === 0 ? "published" : "draft",
    });
    const reply = await tenant.get(`/content/item?${query}`);
    const found = ((reply.body.data ?? []) as Row[]).map(({ id }) => id).sort();
    const expected = rows.filter((row) => holds(row, where)).map(({ id }) => id);
    if (reply.status !== 200 || found.join() !== expected.sort().join())
      wrong.push({
        seed,
        where: JSON.stringify(where),
        status: reply.status,
        error: reply.body.error?.message,
      });
  };
  for (let seed = 1; seed <= 600; seed += 8)
    await Promise.all(Array.from({ length: 8 }, (_, i) => check(seed + i)));
  expect(wrong).toEqual([]);
}, 120_000);
