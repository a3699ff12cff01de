import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { asRole, reasonOf } from "../support/access.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const DOC = {
  id: "doc",
  name: "Doc",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "secret", type: "short_text" },
    { id: "confidential", type: "boolean" },
  ],
  review: {
    stages: [
      { id: "writing", name: "Writing" },
      { id: "hidden", name: "Hidden" },
    ],
  },
};
const READ = ["content:read", "content:read-draft"];
const EDIT = [...READ, "content:write", "content:delete"];
const SECRET = "the-secret-of-the-administrator";

let tenant: Tenant;
const at = (id: string, rest = "") => `/content/doc/${id}${rest}`;
const made = async (fields: object) =>
  (await tenant.post("/content/doc", { title: "Made", secret: SECRET, ...fields })).body.data.id as string;
const trash = (id: string) => tenant.delete(at(id));
const idsOf = (reply: { body: any }) => reply.body.data.map((one: any) => one.id) as string[];
const draft = async (id: string) => (await tenant.get(at(id, "?perspective=draft"))).body.data;

beforeAll(async () => {
  tenant = await newTenant();
  expect((await tenant.put("/types/doc", DOC)).status).toBeLessThan(300);
});

describe("what was deleted stays its maker's", () => {
  it("when it is restored by another, who may publish only their own", async () => {
    const mine = await asRole(tenant, [
      { actions: EDIT },
      { actions: ["content:publish"], conditions: { created_by: "$me" } },
    ]);
    const id = await made({});
    const { created_by: maker, created_at: since } = await draft(id);
    expect((await mine.delete(at(id))).status).toBe(204);
    const back = await mine.post(`/trash/${id}/restore`, undefined);
    expect(back.body.data, back.text).toMatchObject({ created_by: maker, created_at: since });
    expect((await mine.post("/content/publish", { id })).status).toBe(403);
    expect(await draft(id)).toMatchObject({ status: "draft", updated_by: mine.id });
  });

  it("when its id is used again, by PUT, POST and in bulk", async () => {
    const mine = await asRole(tenant, [
      { actions: EDIT },
      { actions: ["content:publish"], conditions: { created_by: "$me" } },
    ]);
    for (const use of [
      (id: string) => mine.put(at(id), { title: "Again" }),
      (id: string) => mine.post("/content/doc", { id, title: "Again" }),
      (id: string) =>
        mine.post("/content/bulk", {
          operations: [{ op: "create", type: "doc", id, fields: { title: "Again" } }],
        }),
    ]) {
      const id = await made({});
      const { created_by: maker } = await draft(id);
      await trash(id);
      const reply = await use(id);
      expect(reply.status, reply.text).toBeLessThan(300);
      expect((await draft(id)).created_by).toBe(maker);
      expect((await mine.post("/content/publish", { id })).status).toBe(403);
    }
  });

  it("so that who may write only their own cannot take over another's", async () => {
    const own = await asRole(tenant, [
      { actions: READ },
      { actions: ["content:write"], conditions: { created_by: "$me" } },
    ]);
    const id = await made({});
    await trash(id);
    expect((await own.put(at(id), { title: "Own" })).status).toBe(403);
    expect((await own.post("/content/doc", { id, title: "Own" })).status).toBe(403);
    expect((await own.post("/content/doc", { title: "Own" })).status).toBe(201);
    expect(idsOf(await tenant.get("/trash"))).toContain(id);
  });

  it("so that who reads only their own whole restores nothing that they cannot read", async () => {
    const own = await asRole(tenant, [
      { actions: READ, fields: ["title"] },
      { actions: READ, conditions: { created_by: "$me" } },
      { actions: ["content:write", "content:delete"] },
    ]);
    const id = await made({});
    await trash(id);
    expect((await own.get("/trash")).text).not.toContain(SECRET);
    const refused = await own.post(`/trash/${id}/restore`, undefined);
    expect([refused.status, reasonOf(refused)]).toEqual([403, "access/field-not-readable"]);
    expect((await own.put(at(id), { title: "Mine" })).status).toBe(403);
    expect(idsOf(await tenant.get("/trash"))).toContain(id);
    const theirs = (await own.post("/content/doc", { title: "T", secret: "theirs" })).body.data.id as string;
    await trash(theirs);
    expect((await own.post(`/trash/${theirs}/restore`, undefined)).body.data.created_by).toBe(own.id);
  });
});

describe("the trash remembers what an entry was", () => {
  const deny = (conditions: object) => [
    { actions: EDIT },
    { effect: "deny", actions: ["content:*"], types: ["doc"], conditions },
  ];
  const hidden = async () => {
    const id = await made({});
    await tenant.post(at(id, "/stage"), { stage: "hidden" });
    return id;
  };

  it("so that what its stage hid is not listed, restored, erased or taken over", async () => {
    const some = await asRole(tenant, deny({ stage: "hidden" }));
    const id = await hidden();
    const open = await made({ secret: "nothing" });
    await trash(id);
    await trash(open);
    const listed = await some.get("/trash");
    expect(idsOf(listed)).toContain(open);
    expect(idsOf(listed)).not.toContain(id);
    expect(listed.text).not.toContain(id);
    expect(reasonOf(await some.post(`/trash/${id}/restore`, undefined))).toBe("content/not-in-trash");
    expect(reasonOf(await some.delete(`/trash/${id}`))).toBe("content/not-in-trash");
    const put = await some.put(at(id), { title: "Over" });
    expect([put.status, reasonOf(put)], put.text).toEqual([403, "access/not-granted"]);
    expect((await some.post("/content/doc", { id, title: "Over" })).status).toBe(403);
    expect((await some.get(at(id, "/versions"))).status).toBe(404);
    expect(idsOf(await tenant.get("/trash"))).toContain(id);
    expect((await some.post(`/trash/${open}/restore`, undefined)).status).toBe(200);
  });

  it("nor what its status, its assignee or who changed it hid", async () => {
    const editor = await asRole(tenant, [{ actions: EDIT }]);
    const id = await tenant.published("doc", { title: "Published", secret: SECRET });
    await tenant.put(at(id, "/assignee"), { assignee: editor.id });
    const { updated_by: by, assignee } = await draft(id);
    expect(assignee).toBe(editor.id);
    await trash(id);
    for (const conditions of [
      { status: { in: ["published", "changed"] } },
      { updated_by: by },
      { published_at: { exists: true } },
      { assignee },
    ]) {
      const some = await asRole(tenant, deny(conditions));
      expect(idsOf(await some.get("/trash")), JSON.stringify(conditions)).not.toContain(id);
    }
    const others = await asRole(tenant, deny({ status: "draft" }));
    expect(idsOf(await others.get("/trash"))).toContain(id);
  });

  it("and hides the fields that these hid", async () => {
    const some = await asRole(tenant, [
      { actions: EDIT },
      { effect: "deny", actions: READ, fields: ["secret"], conditions: { stage: "hidden" } },
    ]);
    const id = await hidden();
    await trash(id);
    const listed = await some.get("/trash");
    expect(listed.body.data.find((one: any) => one.id === id).data).toMatchObject({
      title: { en: "Made" },
    });
    expect(listed.body.data.find((one: any) => one.id === id).data).not.toHaveProperty("secret");
    expect((await some.put(at(id), { title: "Over" })).status).toBe(403);
    expect(reasonOf(await some.post(`/trash/${id}/restore`, undefined))).toBe("access/field-not-readable");
  });

  it("and what it does not know of old rows, refuses and does not grant", async () => {
    const id = await made({});
    await trash(id);
    await connect(inject("ownerUrl")).query(
      "update trash set facts = null where tenant_id = $1 and id = $2",
      [tenant.tenantId, id],
    );
    expect(idsOf(await tenant.get("/trash"))).toContain(id);
    for (const grants of [
      deny({ stage: "hidden" }),
      deny({ stage: { ne: "hidden" } }),
      [{ actions: EDIT, conditions: { stage: "writing" } }],
      [{ actions: EDIT, conditions: { stage: { ne: "hidden" } } }],
      [{ actions: EDIT, conditions: { assignee: { exists: false } } }],
    ])
      expect(idsOf(await (await asRole(tenant, grants)).get("/trash")), JSON.stringify(grants)).not.toContain(
        id,
      );
    for (const conditions of [{ stage: "hidden" }, { stage: { ne: "hidden" } }]) {
      const masked = await asRole(tenant, [
        { actions: EDIT },
        { effect: "deny", actions: READ, fields: ["secret"], conditions },
      ]);
      const listed = await masked.get("/trash");
      expect(idsOf(listed)).toContain(id);
      expect(listed.body.data.find((one: any) => one.id === id).data).not.toHaveProperty("secret");
    }
  });
});

describe("old versions", () => {
  it("do not show a field that is hidden now, nor one that was hidden then", async () => {
    const some = await asRole(tenant, [
      { actions: [...READ, "content:write"] },
      { effect: "deny", actions: READ, fields: ["secret"], conditions: { confidential: true } },
    ]);
    const id = await made({ confidential: false });
    expect((await some.get(at(id, "/versions/1"))).body.data.data.secret).toBe(SECRET);
    await tenant.patch(at(id), { confidential: true });
    for (const path of [
      "?perspective=draft",
      "?version=1",
      "?version=1&locale=*",
      "?version=2",
      "/versions",
      "/versions/1",
      "/versions/2",
      "/diff?from=1&to=2",
    ]) {
      const reply = await some.get(at(id, path));
      expect(reply.status, path).toBe(200);
      expect(reply.text, path).not.toContain(SECRET);
    }
    const graphql = await some.graphql(
      `{ versions(type: "doc", id: "${id}") { data } version(type: "doc", id: "${id}", version: 1) { data } }`,
    );
    expect(graphql.body.errors).toBeUndefined();
    expect(graphql.text).not.toContain(SECRET);
    expect((await some.post(at(id, "/restore"), { version: 1 })).status).toBe(403);
    await tenant.patch(at(id), { confidential: false, secret: "another" });
    expect((await some.get(at(id, "/versions/1"))).text).toContain(SECRET);
    expect((await some.get(at(id, "?version=1"))).text).toContain(SECRET);
    expect((await some.get(at(id, "/versions/2"))).text).not.toContain(SECRET);
    expect((await some.get(at(id, "?version=2"))).text).not.toContain(SECRET);
  });
});

it("takes a reference out of no field that may not be written, published alone or not", async () => {
  const own = await newTenant();
  await own.put("/types/page", {
    id: "page",
    name: "Page",
    fields: [
      { id: "title", type: "short_text" },
      { id: "ref", type: "reference", to: ["page"] },
    ],
  });
  const target = await own.published("page", { title: "Target" });
  const referrer = await own.published("page", { title: "Referrer", ref: target });
  await own.patch(`/content/page/${referrer}`, { ref: null });
  const who = await asRole(own, [
    { actions: ["content:*", "types:read"] },
    { effect: "deny", actions: ["content:write"], types: ["page"], fields: ["ref"] },
  ]);
  const refused = await who.delete(`/content/page/${target}?on_reference=null`);
  expect([refused.status, reasonOf(refused)]).toEqual([403, "access/field-not-writable"]);
  expect((await own.delete(`/content/page/${target}?on_reference=null`)).status).toBe(204);
});
