import { beforeAll, describe, expect, it } from "vitest";
import { asToken, reasonOf } from "../support/access.ts";
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
