import { expect, it } from "vitest";
import { joinedMember, newOwner, pageToken } from "../support/person.ts";
import { ARTICLE, eventually, newTenant } from "../support/tenant.ts";

it("removing a member names the tokens and schedules that they leave, and ends them on demand", async () => {
  const tenant = await newTenant();
  await newOwner(tenant);
  await tenant.post("/types", ARTICLE);
  const entry = await tenant.published("article", { title: "Kept" });
  const leaver = async (name: string) => {
    const member = await joinedMember(tenant, ["admin"], name);
    const token = (await pageToken(member))!;
    const made = await tenant.post("/tokens", { name, scope: "read" }, { token });
    const gone = await tenant.post("/tokens", { name: "Gone", scope: "read" }, { token });
    await tenant.delete(`/tokens/${gone.body.data.id}`);
    const planned = await tenant.post(
      "/content/schedule",
      { id: entry, action: "unpublish", at: "2040-01-01T00:00:00Z" },
      { token },
    );
    expect([made.status, planned.status], planned.text).toEqual([201, 201]);
    return { ...member, made: made.body.data, planned: planned.body.data };
  };
  const stateOf = async (id: string) =>
    ((await tenant.get("/schedules")).body.data as { id: string; state: string }[]).find(
      (one) => one.id === id,
    )!.state;

  const one = await leaver("One");
  const left = {
    tokens: [{ id: one.made.id, name: "One", scopes: ["read"] }],
    schedules: [{ id: one.planned.id, environment: "main", entry, action: "unpublish" }],
    revoked: [],
  };
  expect((await tenant.get(`/members/${one.id}/leavings`)).body.data).toMatchObject(left);
  const removed = await tenant.delete(`/members/${one.id}`);
  expect(removed.status, removed.text).toBe(200);
  expect(removed.body.data).toMatchObject(left);
  expect((await tenant.get("/types", { token: one.made.token })).status).toBe(200);
  expect(await stateOf(one.planned.id)).toBe("pending");

  const two = await leaver("Two");
  expect((await tenant.delete(`/members/${two.id}?revoke=everything`)).status).toBe(422);
  const ended = await tenant.delete(`/members/${two.id}?revoke=tokens,schedules`);
  expect(ended.body.data).toMatchObject({
    tokens: [{ id: two.made.id }],
    schedules: [{ id: two.planned.id }],
    revoked: ["tokens", "schedules"],
  });
  expect(await stateOf(two.planned.id)).toBe("cancelled");
  await eventually(
    async () => (await tenant.get("/types", { token: two.made.token })).status === 401,
    10_000,
  );
  expect((await tenant.get("/types", { token: one.made.token })).status).toBe(200);
  const log = (await tenant.get("/audit-logs")).body.data as {
    action: string;
    subject: string;
    meta: object;
  }[];
  for (const subject of [`token:${two.made.id}`, `schedule:${two.planned.id}`])
    expect(
      log.find((row) => row.subject === subject && /revoked|cancelled/.test(row.action))!.meta,
    ).toMatchObject({
      because: "member.removed",
    });
  const third = await joinedMember(tenant, ["viewer"]);
  expect((await tenant.delete(`/members/${third.id}?revoke=tokens`)).status).toBe(204);
  expect((await tenant.get(`/members/${third.id}/leavings`)).status).toBe(404);
});

it("nothing ends of a member who cannot be removed", async () => {
  const tenant = await newTenant();
  const owner = await newOwner(tenant);
  const token = (await pageToken(owner))!;
  const { body } = await tenant.post("/tokens", { name: "Owner's", scope: "read" }, { token });
  const [{ id }] = (await tenant.get("/members")).body.data;
  expect((await tenant.delete(`/members/${id}?revoke=tokens,schedules`)).status).toBe(409);
  expect((await tenant.get("/types", { token: body.data.token })).status).toBe(200);
});
