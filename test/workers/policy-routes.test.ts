import { beforeAll, describe, expect, inject, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const NOTE = {
  id: "note",
  name: "Note",
  review: { stages: [{ id: "writing" }, { id: "done" }] },
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "slug", type: "slug" },
    { id: "kind", type: "short_text" },
    { id: "hidden", type: "short_text" },
    { id: "picture", type: "media" },
    { id: "next", type: "reference", to: ["note"] },
  ],
};

type Who = Awaited<ReturnType<typeof asRole>>;
let tenant: Tenant;
let mine: Who;
let open: string;
let closed: string;
const cron = () => fetch(inject("cronUrl"), { method: "POST" });
const at = (id: string, rest = "") => `/content/note/${id}${rest}`;
const outcome = (reply: { status: number; body: any }) => [reply.status, reasonOf(reply)];

beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/note", NOTE);
  open = await tenant.published("note", { title: "Open", slug: "open", kind: "open", hidden: "h1" });
  closed = await tenant.published("note", {
    title: "Closed",
    slug: "closed",
    kind: "closed",
    hidden: "the second",
  });
  for (const id of [open, closed]) {
    await tenant.patch(at(id), { title: "Again" });
    await tenant.post(at(id, "/comments"), { body: "whole" });
    await tenant.post(at(id, "/comments"), { body: "of hidden", field: "hidden" });
    await tenant.post("/content/schedule", { id, at: "2099-01-31T09:30Z" });
  }
  mine = await asRole(tenant, [
    { actions: ["content:*"], conditions: { kind: "open" } },
    { effect: "deny", actions: ["content:read", "content:read-draft"], fields: ["hidden"] },
  ]);
});

describe("the routes of an entry that may not be read", () => {
  it("answer 404, whatever they return otherwise", async () => {
    const comments = (await tenant.get(at(closed, "/comments"))).body.data as { id: string }[];
    const schedules = (await tenant.get(`/schedules?entry=${closed}`)).body.data as { id: string }[];
    for (const [what, call] of Object.entries<() => Promise<{ status: number; body: any; text: string }>>({
      get: () => mine.get(at(closed)),
      slug: () => mine.get("/content/note/closed"),
      draft: () => mine.get(at(closed, "?perspective=draft")),
      version: () => mine.get(at(closed, "?version=1")),
      versions: () => mine.get(at(closed, "/versions")),
      oneVersion: () => mine.get(at(closed, "/versions/1")),
      nameVersion: () => mine.put(at(closed, "/versions/1"), { name: "x" }),
      diff: () => mine.get(at(closed, "/diff?from=1&to=2")),
      references: () => mine.get(at(closed, "/references")),
      restore: () => mine.post(at(closed, "/restore"), { version: 1 }),
      duplicate: () => mine.post(at(closed, "/duplicate"), {}),
      comments: () => mine.get(at(closed, "/comments")),
      comment: () => mine.post(at(closed, "/comments"), { body: "x" }),
      resolve: () => mine.patch(at(closed, `/comments/${comments[0]!.id}`), { resolved: true }),
      uncomment: () => mine.delete(at(closed, `/comments/${comments[0]!.id}`)),
      stage: () => mine.post(at(closed, "/stage"), { stage: "done" }),
      assign: () => mine.put(at(closed, "/assignee"), { assignee: "tok_x" }),
      patch: () => mine.patch(at(closed), { title: "x" }),
      publish: () => mine.post("/content/publish", { id: closed }),
      publishLocale: () => mine.post("/content/publish", { id: closed, locales: ["en"] }),
      unpublish: () => mine.post("/content/unpublish", { id: closed }),
      unpublishLocale: () => mine.post("/content/unpublish", { id: closed, locales: ["en"] }),
      schedule: () => mine.post("/content/schedule", { id: closed, at: "2099-01-31T09:30Z" }),
      cancel: () => mine.delete(`/schedules/${schedules[0]!.id}`),
      delete: () => mine.delete(at(closed)),
      deleteForGood: () => mine.delete(at(closed, "?for_good=true&on_reference=null")),
      explain: () => mine.get(`/access/explain?action=content:read&resource=entry:${closed}`),
    })) {
      const reply = await call();
      expect([what, reply.status], reply.text).toEqual([what, 404]);
      expect(reply.text, what).not.toMatch(/the second|Closed|whole/);
    }
    const graphql = await mine.graphql(`{ note(id: "${closed}") { title } slug: note(slug: "closed") { title }
      noteList { title } noteConnection { totalCount nodes { title } } noteAggregate { count }
      content(type: "note", perspective: draft) { id } schedules { entry } }`);
    expect(graphql.body.data, graphql.text).toMatchObject({
      note: null,
      slug: null,
      noteList: [{ title: "Open" }],
      noteConnection: { totalCount: 1 },
      noteAggregate: [{ count: 1 }],
      content: [{ id: open }],
      schedules: [{ entry: open }],
    });
    for (const field of [
      `versions(type: "note", id: "${closed}") { data }`,
      `references(type: "note", id: "${closed}") { id }`,
      `comments(type: "note", id: "${closed}") { body }`,
    ])
      expect(reasonOf(await mine.graphql(`{ ${field} }`)), field).toBe("content/not-found");
    expect(
      reasonOf(await mine.graphql(`mutation { updateNote(id: "${closed}", fields: { title: "x" }) { id } }`)),
    ).toBe("content/not-found");
    const now = (await tenant.get(at(closed, "?perspective=draft"))).body.data;
    expect(now).toMatchObject({ version: 2, status: "changed", stage: "writing", assignee: null });
  });

  it("open for one that may be, without what is hidden of it", async () => {
    expect((await mine.get(at(open, "/versions"))).body.data).toHaveLength(2);
    expect((await mine.put(at(open, "/versions/1"), { name: "first" })).body.data).toMatchObject({
      name: "first",
      data: { title: "Open" },
    });
    expect((await mine.get(at(open, "/diff?from=1&to=2"))).body.data).toEqual([
      expect.objectContaining({ path: "title" }),
    ]);
    expect((await mine.get(at(open, "/comments"))).body.data.map((one: any) => one.body)).toEqual(["whole"]);
    const comment = (await mine.post(at(open, "/comments"), { body: "mine" })).body.data.id as string;
    expect((await mine.patch(at(open, `/comments/${comment}`), { resolved: true })).status).toBe(200);
    expect((await mine.delete(at(open, `/comments/${comment}`))).status).toBe(204);
    expect((await mine.post(at(open, "/stage"), { stage: "done" })).body.data).toMatchObject({
      stage: "done",
    });
    expect((await mine.put(at(open, "/assignee"), { assignee: mine.id })).body.data).toMatchObject({
      assignee: mine.id,
      stage: "done",
    });
    const listed = (await mine.get("/schedules")).body.data as { id: string; entry: string }[];
    expect(listed.map(({ entry }) => entry)).toEqual([open]);
    expect((await mine.delete(`/schedules/${listed[0]!.id}`)).body.data.state).toBe("cancelled");
    expect((await mine.post("/content/schedule", { id: open, at: "2099-01-31T09:30Z" })).status).toBe(201);
    expect((await mine.post("/content/publish", { id: open, locales: ["en"] })).status).toBe(200);
    expect((await mine.post("/content/unpublish", { id: open })).body.data.status).toBe("draft");
  });

  it("of assets, for who may not read those", async () => {
    const picture = (await tenant.post("/assets", { source_url: "https://example.com/a.png", alt: "Told" }))
      .body.data.id as string;
    const id = await tenant.published("note", { title: "Pictured", kind: "open", picture });
    const told = await mine.get(at(id, "?include=picture"));
    expect(told.body.data.picture, told.text).toEqual({ id: picture, status: "unavailable" });
    expect((await mine.get(`/assets/${picture}`)).status).toBe(403);
    const both = await asRole(tenant, [{ actions: ["content:read", "assets:read"] }]);
    expect((await both.get(at(id, "?include=picture"))).body.data.picture.alt).toBe("Told");
    const keeper = await asRole(tenant, [
      { actions: ["assets:*"] },
      { actions: ["content:read"], conditions: { kind: "closed" } },
    ]);
    const shown = await keeper.delete(`/assets/${picture}`);
    expect([shown.status, reasonOf(shown), shown.text.includes(id)]).toEqual([
      409,
      "assets/referenced",
      false,
    ]);
    expect((await tenant.delete(`/assets/${picture}`)).text).toContain(id);
    await tenant.delete(at(id, "?for_good=true"));
  });

  it("say in GraphQL too what may be done", async () => {
    const query = `{ note(id: "${open}", perspective: draft) { title hidden can { update publish fields } }
      drafts: noteConnection(perspective: draft) { nodes { id can { update } } }
      published: noteList { can { update } } }`;
    const { data } = (await mine.graphql(query)).body;
    expect(data.drafts.nodes).toContainEqual({ id: open, can: { update: true } });
    for (const one of data.published) expect(one.can).toBeNull();
    expect(data.note).toEqual({
      title: "Again",
      hidden: null,
      can: { update: true, publish: true, fields: null },
    });
  });

  it("of the trash: what may not be read is not there", async () => {
    const gone = await tenant.published("note", { title: "Gone", kind: "closed", hidden: "hidden three" });
    const own = (await mine.post("/content/note", { title: "Own", kind: "open" })).body.data.id as string;
    await tenant.patch(at(own), { hidden: "hidden four" });
    await tenant.delete(at(gone));
    expect((await mine.delete(at(own))).status).toBe(204);
    const trash = await mine.get("/trash");
    expect(trash.body.data.map((one: any) => one.id)).toEqual([own]);
    expect(trash.text).not.toMatch(/hidden three|hidden four/);
    expect(reasonOf(await mine.post(`/trash/${gone}/restore`, undefined))).toBe("content/not-in-trash");
    expect(reasonOf(await mine.delete(`/trash/${gone}`))).toBe("content/not-in-trash");
    const over = { title: "Over", kind: "open" };
    const creator = await asRole(tenant, [
      { actions: ["content:read-draft", "content:write"], conditions: { kind: "open" } },
    ]);
    expect(reasonOf(await creator.put(at(gone), over))).toBe("access/not-granted");
    expect(reasonOf(await creator.post("/content/note", { ...over, id: gone }))).toBe("access/not-granted");
    expect((await tenant.get("/trash")).body.data.map((one: any) => one.id)).toContain(gone);
    expect(reasonOf(await mine.post(`/trash/${own}/restore`, undefined))).toBe("access/field-not-readable");
    expect((await tenant.post(`/trash/${own}/restore`, undefined)).status).toBe(200);
    expect((await tenant.get(at(own, "?perspective=draft"))).body.data.hidden).toBe("hidden four");
    await mine.delete(at(own));
    expect((await mine.delete(`/trash/${own}`)).status).toBe(204);
  });

  it("of what refers to it: edits there need the right to all of them", async () => {
    const make = async (fields: object) =>
      (await tenant.post("/content/note", fields)).body.data.id as string;
    const target = await make({ title: "Target", kind: "open" });
    const referrer = await make({ title: "R", kind: "closed", next: target });
    for (const how of ["null", "cascade", `repoint:${open}`])
      expect(outcome(await mine.delete(at(target, `?on_reference=${how}`))), how).toEqual([
        403,
        "access/not-granted",
      ]);
    await tenant.patch(at(referrer), { next: closed });
    expect((await mine.delete(at(closed, "?on_reference=cascade"))).status).toBe(404);
    expect((await mine.post("/content/unpublish", { id: closed, on_reference: "cascade" })).status).toBe(404);
    await tenant.patch(at(referrer), { next: target });
    expect((await mine.get(at(target, "/references"))).body.data).toEqual([]);
    await tenant.patch(at(referrer), { kind: "open" });
    expect((await mine.get(at(target, "/references"))).body.data).toEqual([
      expect.objectContaining({ id: referrer, field: "next" }),
    ]);
    expect(reasonOf(await mine.delete(at(target, `?on_reference=repoint:${closed}`)))).toBe(
      "content/broken-reference",
    );
    expect((await mine.delete(at(target, `?on_reference=repoint:${open}`))).status).toBe(204);
    expect((await tenant.get(at(referrer, "?perspective=draft"))).body.data.next).toBe(open);
    const taken = await mine.post("/content/note", { title: "T", kind: "open", slug: "closed" });
    expect(outcome(taken)).toEqual([409, "content/slug-taken"]);
    expect(taken.text).not.toContain(closed);
  });
});

describe("what is answered to a write", () => {
  it("shows no more than may be read", async () => {
    const blind = await asRole(tenant, [{ actions: ["content:write", "content:publish"] }]);
    const made = await blind.post("/content/note", {
      title: "Dropped",
      kind: "closed",
      hidden: "hidden nine",
    });
    expect([made.status, made.text.includes("hidden nine"), made.text.includes("Dropped")]).toEqual([
      201,
      false,
      false,
    ]);
    const id = made.body.data.id as string;
    const half = await asRole(tenant, [
      { actions: ["content:write", "content:publish"] },
      { actions: ["content:read-draft"], conditions: { kind: "open" } },
    ]);
    for (const reply of [
      await blind.patch(at(id), { kind: "closed" }),
      await half.patch(at(id), { kind: "closed" }),
      await half.post("/content/publish", { id }),
      await half.post("/content/bulk", {
        operations: [{ op: "update", type: "note", id, fields: { kind: "closed" } }],
      }),
    ])
      expect([reply.status, reply.text.match(/hidden nine|Dropped/)], reply.text).toEqual([200, null]);
    const own = await half.post("/content/note", { title: "Dropped", kind: "closed", hidden: "hidden nine" });
    expect([own.status, own.text.match(/hidden nine|Dropped/)]).toEqual([201, null]);
    const open = await half.post("/content/note", { title: "Kept", kind: "open", hidden: "hidden nine" });
    expect(open.body.data).toMatchObject({ title: "Kept", hidden: "hidden nine" });
    const moved = await half.patch(at(open.body.data.id), { kind: "closed" });
    expect([moved.status, moved.text.match(/hidden nine|Kept/)]).toEqual([200, null]);
  });
});

describe("a schedule", () => {
  it("is carried out with what was granted to who planned it", async () => {
    const make = async () =>
      (await tenant.post("/content/note", { title: "Later", kind: "open" })).body.data.id as string;
    const [granted, moved] = [await make(), await make()];
    const at = new Date(Date.now() + 1500).toISOString();
    for (const id of [granted, moved])
      expect((await mine.post("/content/schedule", { id, at })).status).toBe(201);
    await tenant.patch(`/content/note/${moved}`, { kind: "closed" });
    await eventually(async () => Date.now() > Date.parse(at));
    await cron();
    const stateOf = async (id: string) => (await tenant.get(`/schedules?entry=${id}`)).body.data[0];
    await eventually(async () => (await stateOf(granted)).state === "done");
    expect(await stateOf(moved)).toMatchObject({ state: "failed", failure: { code: "NOT_FOUND" } });
    expect((await tenant.get(`/content/note/${moved}?perspective=draft`)).body.data.status).toBe("draft");
  });
});
