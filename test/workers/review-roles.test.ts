import { beforeAll, describe, expect, it } from "vitest";
import { asRole, asToken, reasonOf } from "../support/access.ts";
import { joinedMember, type Visitor } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant();
  const type = {
    id: "memo",
    name: "Memo",
    fields: [
      { id: "title", type: "short_text" },
      { id: "secret", type: "short_text" },
    ],
    review: {
      stages: [{ id: "draft" }, { id: "approved", by: ["admin"] }],
      publish_from: ["approved"],
    },
  };
  expect((await tenant.post("/types", type)).status).toBe(201);
});

const newMemo = async (token?: string) => {
  const made = await tenant.post("/content/memo", { title: "Mine" }, token ? { token } : {});
  expect(made.status, made.text).toBe(201);
  return made.body.data.id as string;
};
const pageToken = async (visitor: Visitor) =>
  JSON.parse((await visitor.post("/session/token", {}, { accept: "application/json" })).text).data
    .access_token as string;
const approve = (id: string, token: string) =>
  tenant.post(`/content/memo/${id}/stage`, { stage: "approved" }, { token });

describe("a stage that names a scope", () => {
  it("is closed to people whose roles narrow it", async () => {
    const author = await pageToken(await joinedMember(tenant, ["author"]));
    const refused = await approve(await newMemo(author), author);
    expect(reasonOf(refused)).toBe("review/not-yours");
    const editor = await pageToken(await joinedMember(tenant, ["editor"]));
    expect(reasonOf(await approve(await newMemo(), editor))).toBe("review/not-yours");
  });

  it("is open to admins, owners and tokens of that scope", async () => {
    for (const role of ["admin", "owner"]) {
      const token = await pageToken(await joinedMember(tenant, [role]));
      expect((await approve(await newMemo(), token)).status, role).toBe(200);
    }
    const plain = await asToken(tenant, { scope: "admin" });
    expect((await approve(await newMemo(), plain.secret)).status).toBe(200);
    const narrow = await asToken(tenant, { scope: "admin", role: "editor" });
    expect(reasonOf(await approve(await newMemo(), narrow.secret))).toBe("review/not-yours");
  });
});

describe("a comment on a field that a role may not read", () => {
  it("is neither resolved nor made by it", async () => {
    const masked = await asRole(tenant, [
      { actions: ["content:*", "types:read"] },
      {
        id: "hide",
        effect: "deny",
        actions: ["content:read", "content:read-draft"],
        types: ["memo"],
        fields: ["secret"],
      },
    ]);
    const comments = `/content/memo/${await newMemo()}/comments`;
    const hidden = await tenant.post(comments, { body: "Known to few", field: "secret" });
    const shown = await tenant.post(comments, { body: "Known to all", field: "title" });
    const whole = await tenant.post(comments, { body: "On all of it" });
    const resolve = (id: string) => masked.patch(`${comments}/${id}`, { resolved: true });
    const refused = await resolve(hidden.body.data.id);
    expect(reasonOf(refused)).toBe("review/no-such-comment");
    expect(refused.text).not.toContain("Known to few");
    for (const { body } of [shown, whole]) expect((await resolve(body.data.id)).status).toBe(200);
    const listed = (await tenant.get(comments)).body.data as { id: string; resolved_at: string | null }[];
    expect(listed.find(({ id }) => id === hidden.body.data.id)!.resolved_at).toBeNull();

    const said = await masked.post(comments, { body: "A guess", field: "secret" });
    expect(reasonOf(said)).toBe("access/field-not-readable");
    expect((await masked.post(comments, { body: "Fine", field: "title" })).status).toBe(201);
  });
});
