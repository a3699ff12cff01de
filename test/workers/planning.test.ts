import { expect, inject, it } from "vitest";
import { ARTICLE, eventually, newTenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const reason = (reply: { body: any }) => reply.body?.error?.reason;
const cron = () => fetch(inject("cronUrl"), { method: "POST" });

it("publishes and unpublishes at its time, once, and tells who planned it what went wrong", async () => {
  const own = await newTenant();
  await own.post("/types", ARTICLE);
  const { id } = (await own.post("/content/article", { title: "later" })).body.data;
  const incomplete = (await own.post("/content/article?allow_incomplete=true", { price: 1 })).body.data.id;
  const at = new Date(Date.now() + 1500).toISOString();
  const planned = await own.post("/content/schedule", { id, at, time_zone: "Europe/Berlin" });
  expect(planned.status, planned.text).toBe(201);
  expect(planned.body.data).toMatchObject({
    entry: id,
    action: "publish",
    state: "pending",
    time_zone: "Europe/Berlin",
    due_at: at,
  });
  const failing = (await own.post("/content/schedule", { id: incomplete, at })).body.data.id;
  const distant = (
    await own.post("/content/schedule", {
      id,
      action: "unpublish",
      at: "2036-01-01T09:00",
      time_zone: "Europe/Berlin",
    })
  ).body.data;
  expect(distant.due_at).toBe("2036-01-01T08:00:00.000Z");
  expect((await own.get("/schedules?state=pending")).body.data).toHaveLength(3);
  await cron();
  expect((await own.get(`/content/article/${id}`, FRESH)).status).toBe(404);
  await eventually(async () => Date.now() > Date.parse(at));
  await Promise.all([cron(), cron(), cron()]);
  await eventually(async () => (await own.get(`/content/article/${id}`, FRESH)).status === 200);
  const [done, failed] = (await own.get("/schedules?limit=2")).body.data.sort((a: any, b: any) =>
    a.state.localeCompare(b.state),
  );
  expect([done.state, failed.state, failed.id]).toEqual(["done", "failed", failing]);
  expect(failed.failure.reason).toBe("content/incomplete");
  const log = (await own.get("/audit-logs")).body.data.filter((one: any) => one.action === "entry.published");
  expect(log).toHaveLength(1);
  const told = (await own.get("/notifications")).body.data;
  expect(told.map((one: any) => [one.kind, one.subject])).toEqual([
    ["schedule.failed", `entry:${incomplete}`],
  ]);
  const unread = async () => (await own.get("/notifications/unread")).body.data;
  expect(await unread()).toEqual({ unread: 1 });
  expect((await own.post("/notifications/read", {})).body.data).toEqual({ read: 1 });
  expect(await unread()).toEqual({ unread: 0 });
  expect((await own.delete(`/schedules/${distant.id}`)).body.data.state).toBe("cancelled");
  expect(reason(await own.delete(`/schedules/${distant.id}`))).toBe("schedules/not-pending");
});

it("refuses plans that cannot be", async () => {
  const own = await newTenant();
  await own.post("/types", ARTICLE);
  const { id } = (await own.post("/content/article", { title: "x" })).body.data;
  const at = "2036-01-01T00:00:00Z";
  for (const [plan, status] of [
    [{ id, at: "2020-01-01T00:00:00Z" }, 422],
    [{ id, at: "soon" }, 422],
    [{ id, at, time_zone: "Mars" }, 422],
    [{ id, at, locales: ["xx"] }, 422],
    [{ id: "cnt_01jd0000000000000000000000", at }, 404],
    [{ id, at, action: "explode" }, 422],
    [{ at }, 422],
  ] as const)
    expect((await own.post("/content/schedule", plan)).status, JSON.stringify(plan)).toBe(status);
  const stranger = await newTenant();
  expect((await stranger.post("/content/schedule", { id, at })).status).toBe(404);
  expect((await own.post("/content/schedule", { id, at }, { token: own.tokens.read })).status).toBe(403);
});

it("reviews: stages with who may move, a gate before publishing, comments, mentions and assignment", async () => {
  const own = await newTenant();
  const review = {
    stages: [
      { id: "draft" },
      { id: "in_review", from: ["draft"] },
      { id: "approved", from: ["in_review"], by: ["admin"] },
    ],
    publish_from: ["approved"],
  };
  await own.post("/types", { ...ARTICLE, review });
  const made = await own.post("/content/article", { title: "x" });
  const { id } = made.body.data;
  expect(made.body.data.stage).toBe("draft");
  const editor = { token: own.tokens.write };
  expect(reason(await own.post("/content/publish", { id }))).toBe("content/not-reviewed");
  expect(reason(await own.post(`/content/article/${id}/stage`, { stage: "approved" }))).toBe(
    "review/wrong-stage",
  );
  expect(
    (await own.post(`/content/article/${id}/stage`, { stage: "in_review" }, editor)).body.data.stage,
  ).toBe("in_review");
  expect(reason(await own.post(`/content/article/${id}/stage`, { stage: "approved" }, editor))).toBe(
    "review/not-yours",
  );
  expect((await own.post(`/content/article/${id}/stage`, { stage: "approved", version: 9 })).status).toBe(
    409,
  );
  expect((await own.post(`/content/article/${id}/stage`, { stage: "approved" })).status).toBe(200);
  expect((await own.post("/content/publish", { id })).status).toBe(200);
  const edited = await own.patch(`/content/article/${id}`, { title: "y" });
  expect(edited.body.data.stage).toBe("draft");
  expect(reason(await own.post("/content/publish", { id }))).toBe("content/not-reviewed");
  expect(reason(await own.post(`/content/article/${id}/stage`, { stage: "aproved" }))).toBe(
    "review/unknown-stage",
  );

  const admin = (await own.get("/audit-logs?limit=1")).body.data[0].actor.id as string;
  const said = await own.post(
    `/content/article/${id}/comments`,
    { field: "title", body: "Shorter?", mentions: [admin] },
    editor,
  );
  expect(said.status, said.text).toBe(201);
  expect(
    (await own.put(`/content/article/${id}/assignee`, { assignee: admin }, editor)).body.data.assignee,
  ).toBe(admin);
  expect((await own.get("/notifications")).body.data.map((one: any) => one.kind)).toEqual([
    "entry.assigned",
    "comment.mention",
  ]);
  const comment = said.body.data.id;
  expect(
    (await own.patch(`/content/article/${id}/comments/${comment}`, { resolved: true })).body.data.resolved_by,
  ).toBe(admin);
  expect((await own.get(`/content/article/${id}/comments`)).body.data).toHaveLength(1);
  expect((await own.post(`/content/article/${id}/comments`, { field: "titel", body: "x" })).status).toBe(422);
  expect((await own.delete(`/content/article/${id}/comments/${comment}`, editor)).status).toBe(204);
  expect((await own.get(`/content/article/${id}/comments`)).body.data).toEqual([]);
  expect((await own.get(`/content/article/${id}/comments`, { token: own.tokens.read })).status).toBe(403);
  const bad = { stages: [{ id: "a" }, { id: "a", from: ["b"] }], publish_from: ["c"] };
  expect(
    (await own.post("/types", { ...ARTICLE, id: "other", review: bad })).body.error.details,
  ).toHaveLength(3);
});

it("copies, aliases, swaps and deletes environments", async () => {
  const own = await newTenant();
  await own.post("/types", ARTICLE);
  const id = await own.published("article", { title: "in main", slug: "s" });
  await own.patch(`/content/article/${id}`, { title: "edited" });
  const staging = { headers: { "x-flow-environment": "staging", "cache-control": "no-cache" } };
  expect((await own.post("/environments", { name: "staging", from: "main" })).status).toBe(201);
  expect((await own.get(`/content/article/${id}`, staging)).body.data.title).toBe("in main");
  expect((await own.get(`/content/article/${id}?perspective=draft`, staging)).body.data).toMatchObject({
    title: "edited",
    status: "changed",
  });
  expect((await own.get(`/content/article/${id}/versions`, staging)).body.data).toHaveLength(2);
  expect((await own.get("/content/article", staging)).body.pagination.total_items).toBe(1);
  await own.call("POST", "/content/publish", { body: { id }, headers: staging.headers });
  expect((await own.get(`/content/article/${id}`, staging)).body.data.title).toBe("edited");
  expect((await own.get(`/content/article/${id}`, FRESH)).body.data.title).toBe("in main");

  expect((await own.put("/environments/aliases/live", { environment: "main" })).status).toBe(200);
  const live = { headers: { "x-flow-environment": "live", "cache-control": "no-cache" } };
  expect((await own.get(`/content/article/${id}`, live)).body.data.title).toBe("in main");
  await own.put("/environments/aliases/live", { environment: "staging" });
  expect((await own.get(`/content/article/${id}`, live)).body.data.title).toBe("edited");
  expect(reason(await own.delete("/environments/staging"))).toBe("environments/has-alias");
  await own.patch("/environments/staging", { is_default: true });
  expect((await own.get(`/content/article/${id}`, FRESH)).body.data.title).toBe("edited");
  expect((await own.get("/environments")).body.data.map((one: any) => [one.name, one.is_default])).toEqual([
    ["main", false],
    ["staging", true],
  ]);
  expect(reason(await own.post("/environments", { name: "live" }))).toBe("environments/name-taken");
  expect(reason(await own.put("/environments/aliases/main", { environment: "main" }))).toBe(
    "environments/name-taken",
  );
  expect((await own.post("/environments", { name: "x", from: "nowhere" })).status).toBe(404);
  expect((await own.delete("/environments/aliases/live")).status).toBe(204);
  expect(reason(await own.delete("/environments/staging"))).toBe("environments/is-default");
  expect((await own.delete("/environments/main")).status).toBe(204);
  expect((await own.get("/content/article", { headers: { "x-flow-environment": "main" } })).status).toBe(404);
  expect((await own.get("/environments")).body.data).toHaveLength(1);
  expect((await own.post("/environments", { name: "y" }, { token: own.tokens.write })).status).toBe(403);
});
