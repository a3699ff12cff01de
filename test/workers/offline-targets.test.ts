import { beforeAll, describe, expect, it } from "vitest";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const reason = (reply: { body: any }) => reply.body?.error?.reason;
let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }, { code: "de" }] });
  await own.put("/types/leaf", {
    id: "leaf",
    name: "Leaf",
    fields: [{ id: "name", type: "short_text", localized: true }],
  });
  const target = { id: "link", type: "reference", to: ["leaf"], required: true };
  const any = { id: "any", type: "reference" };
  expect(
    (
      await own.put("/types/node", {
        id: "node",
        name: "Node",
        fields: [target, any, { id: "box", type: "component", fields: [{ ...any, id: "inner" }] }],
      })
    ).status,
  ).toBe(201);
});

describe("a target that goes offline with its references kept", () => {
  const QUERY = `{ link { id status name } any { id status __typename } box { inner { id status } } }`;
  it.each(["unpublish", "bulk", "graphql", "delete"])(
    "by %s: is unavailable, and comes back by itself",
    async (how) => {
      const leaf = await own.published("leaf", { name: "L" });
      const node = await own.published("node", { link: leaf, any: leaf, box: { inner: leaf } });
      const shown = async () =>
        (await own.get(`/content/node/${node}?include=link,any,box`, { token: own.tokens.read })).body.data;
      const graph = async () =>
        (
          await own.post(
            "/graphql",
            { query: `{ node(id: "${node}") ${QUERY} }` },
            { token: own.tokens.read },
          )
        ).body;
      expect((await shown()).link.name).toBe("L");
      expect((await graph()).data.node.any.status).toBe("published");
      if (how === "delete") {
        expect(reason(await own.delete(`/content/leaf/${leaf}`))).toBe("content/referenced");
        expect((await own.delete(`/content/leaf/${leaf}?on_reference=keep`)).status).toBe(204);
      } else if (how === "bulk") {
        const operations = [{ op: "unpublish", id: leaf, on_reference: "keep" }];
        expect((await own.post("/content/bulk", { operations })).body.data.succeeded).toBe(1);
      } else if (how === "graphql") {
        const query = `mutation { unpublish(id: "${leaf}", onReference: "keep") { status } }`;
        expect((await own.post("/graphql", { query })).body.data.unpublish.status).toBe("draft");
      } else {
        const gone = await own.post("/content/unpublish", { id: leaf, on_reference: "keep" });
        expect(gone.body.data.status).toBe("draft");
      }
      const nothing = { id: leaf, status: "unavailable" };
      await eventually(async () => (await shown()).link.status === "unavailable");
      expect(await shown()).toMatchObject({ link: nothing, any: nothing, box: { inner: nothing } });
      await eventually(async () => (await graph()).data.node.link.status === "unavailable");
      expect(await graph()).toEqual({
        data: {
          node: {
            link: { ...nothing, name: null },
            any: { ...nothing, __typename: "UnavailableEntry" },
            box: { inner: nothing },
          },
        },
      });
      // The entry that refers can be saved and published as it is.
      const draft = (await own.get(`/content/node/${node}?perspective=draft`)).body.data;
      const { link, any, box } = draft;
      expect((await own.patch(`/content/node/${node}`, { link, any, box })).status).toBe(200);
      expect((await own.post("/content/publish", { id: node })).status).toBe(200);
      if (how === "delete") {
        expect(reason(await own.delete(`/trash/${leaf}`))).toBe("content/referenced");
        expect((await own.post(`/trash/${leaf}/restore`, {})).status).toBe(200);
      }
      const used = (await own.get(`/content/leaf/${leaf}/references`)).body.data;
      expect(used.map((one: any) => `${one.field} ${one.perspective}`).sort()).toEqual(
        ["any", "box", "link"].flatMap((field) => [`${field} draft`, `${field} published`]),
      );
      expect((await own.post("/content/publish", { id: leaf })).status).toBe(200);
      await eventually(async () => (await shown()).link.name === "L");
      await eventually(async () => (await graph()).data.node.box.inner.status === "published");
    },
  );
});

describe("plans to publish what is taken offline", () => {
  const plan = async (id: string, more: object = {}) =>
    (await own.post("/content/schedule", { id, at: "2099-01-31T08:30:00Z", ...more })).body.data.id as string;
  const state = async (entry: string) =>
    Object.fromEntries(
      (await own.get(`/schedules?entry=${entry}`)).body.data.map((one: any) => [one.id, one.state]),
    );

  it("are cancelled and named, in the audit log too, but not plans to unpublish", async () => {
    const id = await own.published("leaf", { name: "L" });
    const [one, two, other] = [
      await plan(id),
      await plan(id, { locales: ["fr"] }),
      await plan(id, { action: "unpublish" }),
    ];
    const gone = await own.post("/content/unpublish", { id });
    expect([gone.body.cancelled_schedules, gone.body.remaining_schedules]).toEqual([[one, two].sort(), []]);
    expect(await state(id)).toEqual({ [one]: "cancelled", [two]: "cancelled", [other]: "pending" });
    const log = (await own.get("/audit-logs")).body.data.find(
      (entry: any) => entry.action === "entry.unpublished",
    );
    expect(log.meta.cancelled_schedules).toEqual([one, two].sort());
  });

  it("stay where they are about other locales too, and are named", async () => {
    const id = await own.published("leaf", { name: "L" });
    const [all, french, both] = [
      await plan(id),
      await plan(id, { locales: ["fr"] }),
      await plan(id, { locales: ["fr", "de"] }),
    ];
    const gone = await own.post("/content/unpublish", { id, locales: ["fr"] });
    expect([gone.body.cancelled_schedules, gone.body.remaining_schedules]).toEqual([
      [french],
      [all, both].sort(),
    ]);
    const rest = await own.post("/graphql", {
      query: `mutation { off: unpublish(id: "${id}", locales: ["en", "fr", "de"]) { status } }`,
    });
    expect(rest.body.extensions.beside.off).toEqual({
      cancelledSchedules: [all, both].sort(),
      remainingSchedules: [],
    });
  });

  const locales = async (entry: string) =>
    Object.fromEntries(
      (await own.get(`/schedules?entry=${entry}&state=pending`)).body.data.map((one: any) => [
        one.id,
        one.locales,
      ]),
    );
  const unpublishing: Record<
    string,
    (id: string, more?: object) => Promise<[string[], string[] | undefined]>
  > = {
    REST: async (id, more = {}) => {
      const { body } = await own.post("/content/unpublish", { id, ...more });
      return [body.cancelled_schedules, body.remaining_schedules];
    },
    GraphQL: async (id, more = {}) => {
      const some = Object.entries(more).map(([name, value]) => `, ${name}: ${JSON.stringify(value)}`);
      const query = `mutation { off: unpublish(id: "${id}"${some.join("")}) { id } }`;
      const { off } = (await own.post("/graphql", { query })).body.extensions.beside;
      return [off.cancelledSchedules, off.remainingSchedules];
    },
    "a bulk": async (id, more = {}) => {
      const done = await own.post("/content/bulk", { operations: [{ op: "unpublish", id, ...more }] });
      return [done.body.data.items[0].cancelled_schedules ?? [], undefined];
    },
  };

  it.each(Object.entries(unpublishing))("go where nothing is published yet: %s", async (_, unpublish) => {
    const id = (await own.post("/content/leaf", { name: "L" })).body.data.id as string;
    const [all, off] = [await plan(id), await plan(id, { action: "unpublish" })];
    const [cancelled, remaining] = await unpublish(id);
    expect([cancelled, remaining ?? []]).toEqual([[all], []]);
    expect(await state(id)).toEqual({ [all]: "cancelled", [off]: "pending" });
    const log = (await own.get("/audit-logs")).body.data[0];
    expect([log.action, log.subject]).toEqual(["schedule.cancelled", `schedule:${all}`]);
  });

  it.each(Object.entries(unpublishing))("lose one locale after the other: %s", async (_, unpublish) => {
    for (const isPublished of [true, false]) {
      const id = (await own.post("/content/leaf", { name: "L" })).body.data.id as string;
      if (isPublished) await own.post("/content/publish", { id });
      const [all, both, german] = [
        await plan(id),
        await plan(id, { locales: ["en", "fr"] }),
        await plan(id, { locales: ["de"] }),
      ];
      const [none, rest] = await unpublish(id, { locales: ["fr"] });
      expect([none, rest ?? [all, both, german].sort()]).toEqual([[], [all, both, german].sort()]);
      expect(await locales(id)).toEqual({ [all]: ["en", "de"], [both]: ["en"], [german]: ["de"] });
      expect((await unpublish(id, { locales: ["en"] }))[0]).toEqual([both]);
      expect(await locales(id)).toEqual({ [all]: ["de"], [german]: ["de"] });
      expect((await unpublish(id, { locales: ["de"] }))[0]).toEqual([all, german].sort());
      expect(await locales(id)).toEqual({});
    }
  });

  it("stay where unpublishing is refused", async () => {
    const id = (await own.post("/content/leaf", { name: "L" })).body.data.id as string;
    const one = await plan(id);
    expect((await own.post("/content/unpublish", { id, version: 7 })).status).toBe(409);
    const reader = own.tokens.read;
    expect((await own.post("/content/unpublish", { id }, { token: reader })).status).toBe(403);
    expect(await state(id)).toEqual({ [one]: "pending" });
  });

  it("go with what is deleted, in a bulk too", async () => {
    for (const isBulk of [true, false]) {
      const id = (await own.post("/content/leaf", { name: "L" })).body.data.id as string;
      const one = await plan(id);
      if (isBulk) await own.post("/content/bulk", { operations: [{ op: "delete", type: "leaf", id }] });
      else await own.delete(`/content/leaf/${id}`);
      await own.post(`/trash/${id}/restore`, {});
      expect(await state(id)).toEqual({ [one]: "cancelled" });
    }
  });

  it("are cancelled by a bulk as well", async () => {
    const id = await own.published("leaf", { name: "L" });
    const one = await plan(id);
    const done = await own.post("/content/bulk", { operations: [{ op: "unpublish", id }] });
    expect(done.body.data.items[0].cancelled_schedules).toEqual([one]);
    expect(await state(id)).toEqual({ [one]: "cancelled" });
  });
});
