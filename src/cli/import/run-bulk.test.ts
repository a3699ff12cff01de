import { describe, expect, it } from "vitest";
import { Client } from "../../sdk/index.ts";
import { inBulks, runBulk } from "./run-bulk.ts";

type Sent = { atomic: boolean; operations: { id: string }[] };
const put = (id: string, text = "") => ({ op: "put" as const, type: "note", id, fields: { text } });
const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => `${from + i}`);

/** A client whose bulks are refused with a status when they hold one of the ids, and done otherwise. */
function refusing(refused: Record<string, number>) {
  const sizes: number[] = [];
  const client = new Client({
    url: "http://127.0.0.1",
    apiKey: "flow_write_x",
    retries: 0,
    async fetch(request) {
      const { operations } = (await request.json()) as Sent;
      sizes.push(operations.length);
      const status = operations.map(({ id }) => refused[id]).find((one) => one !== undefined);
      const error = { code: "INVALID", reason: "content/refused", message: "No.", details: [] };
      if (status !== undefined) return Response.json({ error }, { status });
      const items = operations.map(({ id }, index) => ({ index, id, outcome: "created" }));
      return Response.json({ data: { atomic: false, succeeded: items.length, failed: 0, items } });
    },
  });
  return { client, sizes };
}
const failedOf = (items: { id: string; outcome: string }[]) =>
  items.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);

describe("groups for bulks", () => {
  const sizesOf = async (things: { id: string; text?: string }[], isAlone = (_id: string) => false) => {
    const sizes: number[] = [];
    const groups = inBulks(things, ({ id, text }) => (isAlone(id) ? undefined : put(id, text)));
    for await (const group of groups) sizes.push(group.length);
    return sizes;
  };

  it("hold 100 operations and 1 MiB at most, and every thing once", async () => {
    const many = ids(0, 250).map((id) => ({ id }));
    expect(await sizesOf(many)).toEqual([100, 100, 50]);
    const large = ids(0, 5).map((id) => ({ id, text: "x".repeat(400_000) }));
    expect(await sizesOf(large)).toEqual([2, 2, 1]);
    expect(await sizesOf([{ id: "1", text: "x".repeat(2_000_000) }, { id: "2" }])).toEqual([1, 1]);
    expect(await sizesOf([])).toEqual([]);
  });

  it("leave alone what no bulk can do", async () => {
    const things = ids(0, 4).map((id) => ({ id }));
    expect(await sizesOf(things, (id) => id === "2")).toEqual([1, 3]);
  });
});

describe("a bulk that is refused as a whole", () => {
  it("is done in halves, so that only the one at fault fails", async () => {
    const { client, sizes } = refusing({ "5": 422 });
    const items = await runBulk(
      client,
      ids(0, 8).map((id) => put(id)),
    );
    expect(items.map(({ id }) => id)).toEqual(ids(0, 8));
    expect(failedOf(items)).toEqual(["5"]);
    expect(sizes).toEqual([8, 4, 4, 2, 1, 1, 2]);
  });

  it("is not tried again when FlowCMS is not there", async () => {
    const { client, sizes } = refusing({ "1": 503 });
    expect(
      failedOf(
        await runBulk(
          client,
          ids(0, 3).map((id) => put(id)),
        ),
      ),
    ).toEqual(ids(0, 3));
    expect(sizes).toEqual([3]);
  });

  it("throws when the token is refused", async () => {
    for (const status of [401, 403]) {
      const { client } = refusing({ "0": status });
      await expect(runBulk(client, [put("0"), put("1")])).rejects.toMatchObject({ status });
    }
  });
});
