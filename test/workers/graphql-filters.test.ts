import { buildClientSchema, getIntrospectionQuery, isInputObjectType } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { OPERATORS } from "../../src/domain/content/grants/index.ts";
import { FIELD_TYPES } from "../../src/domain/content/types/index.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { ok } from "../support/graphql.ts";

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
