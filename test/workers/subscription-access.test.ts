import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asRole, asToken } from "../support/access.ts";
import { eventually } from "../support/eventually.ts";
import { bareSocket, liveClient } from "../support/live.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const CONTENT = `subscription ($where: JSON, $perspective: Perspective) {
  contentChanged(type: "article", where: $where, perspective: $perspective) {
    event id entry { ... on ArticleEntry { title price kind } } content { fields }
  }
}`;
const READS = ["content:read", "types:read", "assets:read"];

describe("what subscribers may see", () => {
  let tenant: Tenant;
  const clients: ReturnType<typeof liveClient>[] = [];
  const as = (connectionParams: Record<string, unknown>) => {
    const client = liveClient(connectionParams);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    tenant = await newTenant();
    expect((await tenant.put("/types/article", ARTICLE)).status).toBe(201);
  });
  afterAll(async () => {
    for (const { client } of clients) await client.dispose();
  });

  it("is what their roles let them read: each their own, of the same event", async () => {
    const masked = await asRole(tenant, [
      { effect: "allow", actions: READS },
      { effect: "deny", actions: ["content:read"], types: ["article"], fields: ["price"] },
    ]);
    const ofNews = await asRole(tenant, [
      { effect: "allow", actions: ["content:read"], types: ["article"], conditions: { kind: "news" } },
      { effect: "allow", actions: ["types:read"] },
    ]);
    const ofOther = await asRole(tenant, [
      { effect: "allow", actions: READS },
      { effect: "deny", actions: ["content:*"], types: ["article"] },
    ]);
    const [all, some, news, none] = [tenant.tokens.read, masked.secret, ofNews.secret, ofOther.secret].map(
      (token) => as({ token }),
    ) as [ReturnType<typeof as>, ReturnType<typeof as>, ReturnType<typeof as>, ReturnType<typeof as>];
    const lives = [all, some, news, none].map((client) => client.subscribe(CONTENT));
    const byHidden = some.subscribe(CONTENT, { where: { price: { gte: 1 } } });
    await Promise.all([all, some, news, none].map((client) => client.settled()));
    expect(byHidden.errors[0][0].extensions.reason).toBe("access/field-not-readable");
    const [ofAll, ofSome, news_, nothing] = lives as [any, any, any, any];
    const essay = await tenant.published("article", { title: "Essay", price: 5, kind: "essay" });
    await ofAll.until(1);
    const report = await tenant.published("article", { title: "Report", price: 7, kind: "news" });
    await ofAll.until(2);
    await tenant.post("/content/unpublish", { id: essay });
    await tenant.post("/content/unpublish", { id: report });
    await ofAll.until(4);
    const marker = await tenant.published("article", { title: "Last", price: 1, kind: "news" });
    const shown = (live: (typeof lives)[number]) =>
      live.results.map(({ data: { contentChanged: change } }) => [
        change.event,
        change.id,
        change.entry?.price ?? null,
      ]);
    for (const live of [ofAll, ofSome, news_])
      await eventually(async () => live.results.at(-1)?.data.contentChanged.id === marker);
    expect(shown(ofAll)).toEqual([
      ["entry.published", essay, 5],
      ["entry.published", report, 7],
      ["entry.unpublished", essay, null],
      ["entry.unpublished", report, null],
      ["entry.published", marker, 1],
    ]);
    expect(shown(ofSome).map(([, , price]) => price)).toEqual([null, null, null, null, null]);
    expect(JSON.stringify(ofSome.results)).not.toContain('"price":5');
    // Of what is gone nobody knows whether it was news.
    expect(shown(news_)).toEqual([
      ["entry.published", report, 7],
      ["entry.published", marker, 1],
    ]);
    expect(nothing.results).toEqual([]);
  });

  it("ends with their token: revoked, run out, or of a role that changed", async () => {
    const revoked = await asToken(tenant, { scope: "read" });
    const short = await asToken(tenant, {
      scope: "read",
      expires_at: new Date(Date.now() + 3000).toISOString(),
    });
    const ofRole = await asRole(tenant, [{ effect: "allow", actions: READS }]);
    const clients = [revoked, short, ofRole].map(({ secret }) => as({ token: secret }));
    const staying = as({ token: tenant.tokens.read });
    const lives = [...clients, staying].map((client) => client.subscribe(CONTENT));
    await Promise.all([...clients, staying].map((client) => client.settled()));
    const at = performance.now();
    expect((await tenant.delete(`/tokens/${revoked.id}`)).status).toBe(204);
    const narrowed = await tenant.patch(`/policies/${ofRole.policy.id}`, {
      name: ofRole.policy.name,
      grants: [{ effect: "allow", actions: ["types:read"] }],
    });
    expect(narrowed.status, narrowed.text).toBe(200);
    await eventually(async () => clients.every(({ seen }) => seen.closes.length > 0));
    expect(performance.now() - at).toBeLessThan(10_000);
    expect(clients.map(({ seen }) => seen.closes[0]!.code)).toEqual([4403, 4403, 1012]);
    const again = await bareSocket();
    again.send({ type: "connection_init", payload: { token: revoked.secret } });
    expect((await again.isClosed).code).toBe(4403);
    await tenant.published("article", { title: "After" });
    await lives.at(-1)!.until(1);
    expect(lives.slice(0, 3).flatMap(({ results }) => results)).toEqual([]);
    expect(staying.seen.closes).toEqual([]);
  });

  it("is what a ticket's token may see, once, and as long as that token is valid", async () => {
    const made = await asToken(tenant, { scope: "read" });
    const { status, body } = await made.post("/realtime/tickets", undefined);
    expect(status).toBe(201);
    const { ticket, expires_at } = body.data;
    expect(Date.parse(expires_at) - Date.now()).toBeLessThan(61_000);
    const first = as({ ticket });
    const live = first.subscribe(CONTENT);
    await first.settled();
    expect(live.errors).toEqual([]);
    const second = await bareSocket();
    second.send({ type: "connection_init", payload: { ticket } });
    expect(await second.isClosed).toMatchObject({ code: 4403, reason: expect.stringContaining("ticket") });
    await tenant.delete(`/tokens/${made.id}`);
    await eventually(async () => first.seen.closes.length > 0);
    expect(first.seen.closes[0]!.code).toBe(4403);
    const late = (await tenant.post("/realtime/tickets", undefined)).body.data.ticket as string;
    const changed = late.slice(0, -1) + (late.endsWith("0") ? "1" : "0");
    const third = await bareSocket();
    third.send({ type: "connection_init", payload: { ticket: changed } });
    expect((await third.isClosed).code).toBe(4403);
  });

  it("is nothing of another tenant, whatever id they name, nor of another environment", async () => {
    const other = await newTenant();
    await other.put("/types/article", ARTICLE);
    const theirs = await other.published("article", { title: "Theirs" });
    const copy = await tenant.post("/environments", { name: "copy", from: "main" });
    expect(copy.status, copy.text).toBe(201);
    const mine = as({ token: tenant.tokens.read });
    const here = mine.subscribe(CONTENT);
    const named = mine.subscribe(`subscription { entryChanged(type: "article", id: "${theirs}") { id } }`);
    const inCopy = as({ token: tenant.tokens.read, environment: "copy" });
    const there = inCopy.subscribe(CONTENT);
    await Promise.all([mine.settled(), inCopy.settled()]);
    await other.post("/content/unpublish", { id: theirs });
    const made = await tenant.post("/content/article?environment=copy", { title: "In the copy" });
    await tenant.post("/content/publish?environment=copy", { id: made.body.data.id });
    await there.until(1);
    const id = await tenant.published("article", { title: "Here" });
    await here.until(1);
    expect(here.results.map(({ data }) => data.contentChanged.id)).toEqual([id]);
    expect(there.results.map(({ data }) => data.contentChanged.id)).toEqual([made.body.data.id]);
    expect(named.results).toEqual([]);
  });
});
