import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { emailsTo, joinedMember, newVisitor } from "../support/person.ts";
import { asOwner, delivered, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const STORY = {
  id: "story",
  name: "Story",
  fields: [{ id: "title", type: "short_text", required: true }],
  review: {
    stages: [
      { id: "writing", name: "Writing" },
      { id: "checking", name: "Checking", from: ["writing"] },
      { id: "done", name: "Done", from: ["checking"], by: ["editor"] },
    ],
  },
};

let tenant: Tenant;
let story: string;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/story", STORY);
  await tenant.post("/roles", { name: "editor", policies: [] });
  story = (await tenant.post("/content/story", { title: "Secret title" })).body.data.id;
});

type Email = { subject: string; text: string; html: string; headers?: Record<string, string> };
const notices = async (email: string) =>
  ((await emailsTo(email)) as Email[]).filter(
    ({ text }) => text.includes("as a member of") || text.includes("Mitglied"),
  );
const unsubscribeUrl = ({ headers }: Email) => new URL(/<([^>]+)>/.exec(headers!["List-Unsubscribe"]!)![1]!);
const mention = (...mentions: string[]) =>
  tenant.post(`/content/story/${story}/comments`, { body: "Private words", mentions });
/** Once everything that was written is handled and handed on, nothing more comes. */
const settled = async () => {
  await delivered(tenant);
  await eventually(async () => {
    const [rows] = await asOwner(
      tenant,
      sql`select 1 from outbox where tenant_id = ${tenant.tenantId}::uuid and waiting <> '{}' limit 1`,
    );
    return rows!.length === 0;
  });
};

describe("notifications", () => {
  it("come by email once each: what is due together in one email, with no content of the entry", async () => {
    const ann = await joinedMember(tenant, ["viewer"], "Ann");
    expect((await mention(ann.id, ann.id)).status).toBe(201);
    await eventually(async () => (await notices(ann.email)).length === 1);
    await settled();
    const [email, ...more] = await notices(ann.email);
    expect(more).toEqual([]);
    expect(email!.text).toContain(`mentioned you in a comment on ${story}.`);
    expect(email!.text + email!.html + email!.subject).not.toMatch(/Secret title|Private words/);
    expect(email!.headers?.["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    for (const assignee of [ann.id, null, ann.id])
      await tenant.put(`/content/story/${story}/assignee`, { assignee });
    await settled();
    const lines = (await notices(ann.email)).flatMap(
      ({ text }) => text.match(/assigned cnt_\w+ to you/g) ?? [],
    );
    expect(lines).toHaveLength(2);
  });

  it("ask the assignee and who may move an entry on for a review, nobody else", async () => {
    const [editor, viewer] = [
      await joinedMember(tenant, ["editor"], "Eddie"),
      await joinedMember(tenant, ["viewer"], "Vera"),
    ];
    const { id } = (await tenant.post("/content/story", { title: "B" })).body.data;
    expect((await tenant.post(`/content/story/${id}/stage`, { stage: "checking" })).status).toBe(200);
    await eventually(async () => (await notices(editor.email)).length === 1);
    expect((await notices(editor.email))[0]!.text).toContain(
      `moved ${id} to “checking”: it waits for your review.`,
    );
    await settled();
    expect(await notices(viewer.email)).toEqual([]);
  });

  it("come as each person wants them, and end by the link of an email without signing in", async () => {
    const { id, email } = await joinedMember(tenant, ["viewer"], "Bea");
    await mention(id);
    await eventually(async () => (await notices(email)).length === 1);
    const { pathname, search } = unsubscribeUrl((await notices(email))[0]!);
    const url = pathname + search;
    const visitor = newVisitor(tenant);
    const page = await visitor.send(url);
    expect([page.status, page.text.includes("comment.mention")]).toEqual([200, true]);
    // A mail scanner that only follows links ends nothing.
    await mention(id);
    await eventually(async () => (await notices(email)).length === 2);
    const ended = await visitor.send(url, {
      method: "POST",
      body: "List-Unsubscribe=One-Click",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(ended.status).toBe(200);
    await mention(id);
    await tenant.put(`/content/story/${story}/assignee`, { assignee: id });
    await eventually(async () => (await notices(email)).length === 3);
    await settled();
    expect((await notices(email)).filter(({ text }) => text.includes("mentioned"))).toHaveLength(2);
  });

  it("of tampered or another tenant's links change nothing", async () => {
    const { id, email } = await joinedMember(tenant, ["viewer"], "Cid");
    await mention(id);
    await eventually(async () => (await notices(email)).length === 1);
    const token = unsubscribeUrl((await notices(email))[0]!).searchParams.get("token")!;
    const stranger = await newTenant();
    const visitor = newVisitor(tenant);
    for (const [slug, bad] of [
      [stranger.slug, token],
      [tenant.slug, `${token.slice(0, -2)}xx`],
      [tenant.slug, ""],
      [tenant.slug, "s1.x.y"],
    ])
      for (const method of ["GET", "POST"])
        expect(
          (await visitor.send(`/t/${slug}/unsubscribe?token=${encodeURIComponent(bad!)}`, { method })).status,
          bad,
        ).toBe(400);
    await mention(id);
    await eventually(async () => (await notices(email)).length === 2);
  });

  it("come daily together, in the tenant's language, but not what was read", async () => {
    const { id, email } = await joinedMember(tenant, ["viewer"], "Dora");
    const setting = (kind: string, change: object) =>
      asOwner(
        tenant,
        sql`insert into notification_settings (tenant_id, person, kind, in_app, email)
          select ${tenant.tenantId}::uuid, ${id}, ${kind}, true, value ->> 'email' from (select ${JSON.stringify(change)}::jsonb as value) given`,
      );
    await setting("comment.mention", { email: "daily" });
    await setting("entry.assigned", { email: "never" });
    expect((await tenant.patch("/tenant", { language: "de" })).body.data.language).toBe("de");
    await mention(id);
    await mention(id);
    await tenant.put(`/content/story/${story}/assignee`, { assignee: id });
    await settled();
    expect(await notices(email)).toEqual([]);
    await asOwner(
      tenant,
      sql`update notifications set created_at = now() - interval '25 hours',
        read_at = case when id = (select min(id) from notifications where person = ${id}) then now() end
        where tenant_id = ${tenant.tenantId}::uuid and person = ${id}`,
    );
    for (let i = 0; i < 2; i++) expect((await fetch(`${inject("cronUrl")}/identity`)).status).toBe(200);
    const found = await notices(email);
    expect(found.map(({ subject }) => subject)).toEqual([expect.stringContaining("Benachrichtigung von")]);
    expect(found[0]!.text.match(/in einem Kommentar zu \w+ erwähnt/g)).toHaveLength(1);
    await tenant.patch("/tenant", { language: "en" });
  });

  it("are set by their owner, and by nobody for anybody else", async () => {
    const all = await tenant.get("/notifications/settings");
    expect(all.body.data).toContainEqual({ kind: "comment.mention", in_app: true, email: "immediate" });
    const saved = await tenant.put("/notifications/settings/comment.mention", { in_app: false });
    expect(saved.body.data).toEqual({ kind: "comment.mention", in_app: false, email: "immediate" });
    const me = (await tenant.post("/content/story", { title: "C" })).body.data.created_by as string;
    const before = (await tenant.get("/notifications/unread")).body.data.unread;
    await mention(me);
    expect((await tenant.get("/notifications/unread")).body.data.unread).toBe(before);
    await tenant.put("/notifications/settings/comment.mention", { in_app: true });
    await mention(me);
    expect((await tenant.get("/notifications/unread")).body.data.unread).toBe(before + 1);
    const stranger = await newTenant();
    expect((await stranger.get("/notifications/settings")).body.data[0].in_app).toBe(true);
    for (const [path, body, reason] of [
      ["comment.mentoin", {}, "notifications/unknown-kind"],
      ["comment.mention", { email: "hourly" }, "notifications/invalid"],
      ["comment.mention", { emial: "daily" }, "notifications/invalid"],
    ] as const) {
      const refused = await tenant.put(`/notifications/settings/${path}`, body);
      expect([refused.status, refused.body.error.reason]).toEqual([422, reason]);
    }
    expect((await tenant.patch("/tenant", { language: "tlh" })).status).toBe(422);
  });
});
