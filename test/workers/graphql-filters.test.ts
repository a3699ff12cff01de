import { buildClientSchema, getIntrospectionQuery, isInputObjectType } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { OPERATORS } from "../../src/domain/content/grants/index.ts";
import { FIELD_TYPES } from "../../src/domain/content/types/index.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { ok, run } from "../support/graphql.ts";

const PART = [{ id: "a", type: "short_text" }];
const MORE: Record<string, object> = {
  enum: { options: ["red", "blue"] },
  component: { fields: PART },
  blocks: { components: [{ id: "part", fields: PART }] },
  reference: { to: ["thing"] },
};
const FIELDS = [
  ...FIELD_TYPES.map((type) => ({ id: `a_${type}`, type, ...MORE[type] })),
  { id: "any_reference", type: "reference" },
  { id: "many_media", type: "media", multiple: true },
  { id: "many_reference", type: "reference", multiple: true, to: ["thing"] },
  { id: "many_short_text", type: "short_text", multiple: true },
];
/** What else a filter has: conditions on an entry that is referred to, and on what is inside a value. */
const NESTED = ["where", "amount", "currency", "from", "to", "and", "or", "not", "a", "part"];
const PLACE = { lat: 1, lon: 1, km: 1 };
const VALUES: Record<string, unknown> = {
  integer: 7,
  number: 7.5,
  boolean: true,
  date: "2026-01-31",
  datetime: "2026-01-31T09:30:00Z",
  decimal: "7.50",
  time: "09:30",
  date_range: "2026-01-31",
  datetime_range: "2026-01-31T09:30:00Z",
  number_range: 7.5,
  enum: "red",
  media: "ast_01jd0000000000000000000001",
  reference: "cnt_01jd0000000000000000000001",
};

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  const made = await tenant.put("/types/thing", { id: "thing", name: "Thing", fields: FIELDS });
  expect(made.status, made.text).toBe(201);
});

/** A value that an operator may be given. */
function valueOf(operator: string, value: unknown): unknown {
  if (operator === "near") return PLACE;
  if (operator === "box") return { south: 0, west: 170, north: 2, east: -170 };
  if (operator === "polygon")
    return [PLACE, PLACE, PLACE].map(({ lat, lon }, i) => ({ lat: lat + i * i, lon: lon + i }));
  if (operator === "exists" || operator === "null") return true;
  if (operator === "overlaps") return { from: value, to: value };
  return operator === "in" || operator === "nin" ? [value, value] : value;
}

describe("the filters of GraphQL", () => {
  it("have the operators that REST has, for every type of field", async () => {
    const introspected = await ok(tenant, getIntrospectionQuery());
    const filter = buildClientSchema(introspected).getType("ThingFilter");
    if (!isInputObjectType(filter)) throw new Error("There is no filter.");
    const shown = filter.getFields();
    const nameOf = (id: string) => id.replace(/_(\w)/g, (_, char: string) => char.toUpperCase());
    const times = ["created_at", "updated_at", "published_at"].map((id) => ({ id, type: "datetime" }));
    for (const { id, type } of [...FIELDS, ...times, { id: "id", type: "reference" }]) {
      const input = shown[nameOf(id)]!.type;
      const operators = isInputObjectType(input) ? Object.keys(input.getFields()) : [];
      const inRest: string[] = [];
      for (const operator of OPERATORS) {
        const where = { [id]: { [operator]: valueOf(operator, VALUES[type] ?? "word") } };
        const { status } = await tenant.get(
          `/content/thing?${new URLSearchParams({ filter: JSON.stringify(where) })}`,
        );
        if (status === 200) inRest.push(operator);
        else expect(status).toBe(400);
      }
      const inGraphql = operators.filter((name) => !NESTED.includes(name));
      expect(inGraphql.toSorted(), id).toEqual(inRest.map(nameOf).toSorted());
      const document = `query ($f: [ThingFilter!]) { thingList(filter: { or: $f }) { id } }`;
      const f = inRest.map((operator) => ({
        [nameOf(id)]: { [nameOf(operator)]: valueOf(operator, VALUES[type] ?? "word") },
      }));
      expect(await ok(tenant, document, { f }), id).toEqual({ thingList: [] });
    }
  });

  it("find by a list of booleans what REST finds", async () => {
    const yes = await tenant.published("thing", { a_boolean: true });
    const no = await tenant.published("thing", { a_boolean: false });
    const none = await tenant.published("thing", {});
    const found = async (filter: string) =>
      (await ok(tenant, `{ thingList(filter: { aBoolean: ${filter} }) { id } }`)).thingList
        .map(({ id }: { id: string }) => id)
        .toSorted();
    expect(await found("{ in: [true, false] }")).toEqual([yes, no].toSorted());
    expect(await found("{ nin: [true] }")).toEqual([no, none].toSorted());
  });
});

const CURSOR = "Use pageInfo.endCursor of the previous page, with the same sort.";
describe("an argument that is refused", () => {
  it.each([
    ["thingConnection(first: 101) { totalCount }", "first", "first must be"],
    ["thingConnection(last: 0) { totalCount }", "last", "last must be"],
    ['thingConnection(first: 1, after: "x") { totalCount }', "after", CURSOR],
    ['thingConnection(last: 1, before: "x") { totalCount }', "before", "pageInfo.startCursor"],
    ["thingList(limit: 0) { id }", "limit", "limit must be"],
    ["thingList(page: 2000, limit: 100) { id }", "page", "pageInfo.endCursor"],
    ['thingList(cursor: "x") { id }', "cursor", CURSOR],
    ['thingList(random: "a b") { id }', "random", "random needs a seed"],
    ['thingList(random: "a", sort: [aDate_ASC]) { id }', "random", "random cannot combine"],
    ['thingList(nearest: { field: "aDate", lat: 1, lon: 1 }) { id }', "nearest", "nearest cannot use"],
    ["thingList(sort: [SCORE_DESC]) { id }", "sort", "sort can use"],
    ['thingList(q: "") { id }', "q", "q must be"],
    ['thingAggregate(timeZone: "Nowhere") { count }', "timeZone", "timeZone must be"],
    ['content(type: "thing", limit: 0) { id }', "limit", "limit must be"],
    ['content(type: "thing", sort: ["no"]) { id }', "sort", "sort cannot use"],
    ['entries(types: ["thing"], last: 0) { totalCount }', "last", "last must be"],
    ['entries(types: ["thing"], first: 1, after: "x") { totalCount }', "after", CURSOR],
    ["assetList(limit: 0) { totalCount }", "limit", "limit must be"],
    ["trash(limit: 0) { id }", "limit", undefined],
    ['trash(cursor: "x") { id }', "cursor", undefined],
  ])("%s is named as GraphQL calls it", async (field, path, words) => {
    const { errors, text } = await run(tenant, `{ ${field} }`);
    const [detail] = errors![0]!.extensions.details;
    expect(detail.path, text).toBe(path);
    const said = `${errors![0]!.message} ${detail.message}`;
    if (words) expect(said).toContain(words);
    expect(said).not.toMatch(/time_zone|group_by|next_cursor|related_limit|on_reference/);
  });

  it.each([
    ['deleteThing(id: "cnt_01jd0000000000000000000001", onReference: "x")', "onReference"],
    ['unpublish(id: "cnt_01jd0000000000000000000001", onReference: "x") { id }', "onReference"],
    ['createThing(fields: { aDate: "x" }) { id }', "aDate"],
    ['createThing(id: "x", fields: {}) { id }', "id"],
    ['createThing(fields: {}, locale: "xx") { id }', "locale"],
    ['putThing(id: "x", fields: {}) { id }', "id"],
    [
      'schedule(id: "cnt_01jd0000000000000000000001", at: "2099-01-01T00:00", timeZone: "No") { id }',
      "timeZone",
    ],
  ])("%s is named so where something is written", async (field, path) => {
    const { errors, text } = await run(tenant, `mutation { ${field} }`);
    expect(errors![0]!.extensions.details[0].path, text).toBe(path);
    expect(errors![0]!.message).not.toMatch(/time_zone|on_reference/);
  });
});
