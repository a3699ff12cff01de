import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Client, FlowError } from "../../src/sdk/index.ts";
import { asRole, asToken } from "../support/access.ts";
import { eventually } from "../support/eventually.ts";
import { liveClient } from "../support/live.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const CONTENT = `subscription { contentChanged(type: "article") { event id since entry { ... on ArticleEntry { title } } } }`;
const titlesOf = (results: any[]) => results.map(({ data }) => data.contentChanged.entry?.title);

describe("resuming, streams and the client", () => {
  let tenant: Tenant;
  const clients: ReturnType<typeof liveClient>[] = [];
  const live = () => {
    const client = liveClient({ token: tenant.tokens.read });
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
  });
  afterAll(async () => {
    for (const { client } of clients) await client.dispose();
  });

  it("misses nothing between two connections, and tells nothing twice that was told", async () => {
    const first = live();
    const before = first.subscribe(CONTENT);
    await first.settled();
    await tenant.published("article", { title: "A" });
    const [{ extensions }] = (await before.until(1)) as [any];
    await first.client.dispose();
    for (const title of ["B", "C", "D"]) await tenant.published("article", { title });
    const second = live();
    const after = second.subscribe(CONTENT, {}, { since: extensions.since });
    await after.until(3);
    await tenant.published("article", { title: "E" });
    await after.until(4);
    expect(titlesOf(after.results)).toEqual(["B", "C", "D", "E"]);
    // From the acknowledgement on, too, which says where it began.
    const third = live();
    const all = third.subscribe(CONTENT, {}, { since: first.seen.acks[0].since });
    expect(titlesOf(await all.until(5))).toEqual(["A", "B", "C", "D", "E"]);
  });

  it("streams one operation as server-sent events to the client of graphql-sse", async () => {
    const headers = { authorization: `Bearer ${tenant.tokens.read}` };
    const client = createClient({ url: `${inject("url")}/api/v3/graphql`, headers, retryAttempts: 0 });
    const results: any[] = [];
    const errors: any[] = [];
    const sink = {
      next: (one: any) => void results.push(one),
      error: (one: unknown) => void errors.push(one),
    };
    const stop = client.subscribe({ query: CONTENT }, { ...sink, complete: () => {} });
    await eventually(async () => {
      await tenant.published("article", { title: "Streamed" });
      return results.length > 0;
    });
    expect(titlesOf(results)[0]).toBe("Streamed");
    stop();
    const query: any[] = [];
    await new Promise<void>((resolve, reject) =>
      client.subscribe(
        { query: "{ articleList(limit: 1) { title } }" },
        { next: (one) => void query.push(one), error: reject, complete: resolve },
      ),
    );
    expect(query).toEqual([{ data: { articleList: [{ title: expect.any(String) }] } }]);
    const refused: any[] = [];
    await new Promise<void>((resolve, reject) =>
      client.subscribe(
        { query: `subscription { contentChanged(type: "nothing") { id } }` },
        { next: (one) => void refused.push(one), error: reject, complete: resolve },
      ),
    );
    expect(refused[0].errors[0].extensions.reason).toBe("content/unknown-type");
    expect(errors).toEqual([]);
  });

  it("opens a stream for a ticket in the address, resumes it by Last-Event-ID, and for nobody else", async () => {
    const at = (query: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(`${inject("url")}/api/v3/graphql?${new URLSearchParams({ query: CONTENT, ...query })}`, {
        headers: { accept: "text/event-stream", ...headers },
      });
    const first = live();
    const changes = first.subscribe(CONTENT);
    await first.settled();
    for (const title of ["X", "Y"]) await tenant.published("article", { title });
    await eventually(async () => titlesOf(changes.results).includes("X"));
    const x = changes.results[titlesOf(changes.results).indexOf("X")];
    const { ticket } = (await tenant.post("/realtime/tickets", undefined)).body.data;
    const response = await at({ ticket }, { "last-event-id": x.extensions.since });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(response.headers.get("x-request-id")).toBeTruthy();
    let text = "";
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes("event: next")) text += (await reader.read()).value;
    expect(text).toMatch(
      /event: next\nid: [0-9a-f]{8}\.\d+\ndata: \{"data":\{"contentChanged":\{.*"title":"Y"/,
    );
    await reader.cancel();
    for (const refused of [
      await at({ ticket }),
      await at({}),
      await at({}, { authorization: "Bearer flow_read_nobody" }),
      await at({ token: tenant.tokens.read }),
    ])
      expect(refused.status).toBe(401);
    const bearer = { authorization: `Bearer ${tenant.tokens.read}` };
    expect((await at({ token: "x" }, bearer)).status).toBe(400);
  });

  it("changes nothing by GET or HEAD, by token, by ticket, or by the name of an operation", async () => {
    const mutation = `mutation { createArticle(fields: { title: "By GET" }) { id } }`;
    const registered = await tenant.put("/operations/make", { document: mutation.replace("{", "make {") });
    expect(registered.status, registered.text).toBeLessThan(300);
    const bearer = { authorization: `Bearer ${tenant.tokens.admin}` };
    const accept = "text/event-stream";
    const ask = (method: string, query: Record<string, string>, headers: Record<string, string> = bearer) =>
      fetch(`${inject("url")}/api/v3/graphql?${new URLSearchParams(query)}`, {
        method,
        headers: { accept, ...headers },
      });
    const { ticket } = (await tenant.post("/realtime/tickets", undefined)).body.data;
    for (const refused of [
      await ask("GET", { query: mutation }),
      await ask("GET", {
        query: `{ __typename }`.replace("{", "query Q {") + mutation.replace("{", "M {"),
        operationName: "M",
      }),
      await ask("GET", { documentId: "make" }),
      await ask("GET", { query: mutation, ticket }, {}),
    ]) {
      const { error } = (await refused.json()) as any;
      const { status, headers } = refused;
      expect([status, headers.get("allow"), error.reason]).toEqual([405, "POST", "graphql/mutation-by-get"]);
    }
    for (const query of [mutation, CONTENT, "{ __typename }"]) {
      const { status, headers } = await ask("HEAD", { query });
      expect([status, headers.get("allow")], query).toEqual([405, "GET, POST"]);
    }
    const titled = async (title: string) =>
      (await tenant.get(`/content/article?perspective=draft&filter[title]=${encodeURIComponent(title)}`)).body
        .data.length;
    expect(await titled("By GET")).toBe(0);
    const read = await ask("GET", { query: "{ __typename }" });
    expect([read.status, await read.text()]).toEqual([200, expect.stringContaining('"__typename":"Query"')]);
    const posted = await fetch(`${inject("url")}/api/v3/graphql`, {
      method: "POST",
      headers: { accept, ...bearer, "content-type": "application/json" },
      body: JSON.stringify({ query: mutation.replace("By GET", "Posted") }),
    });
    expect([posted.status, await posted.text()]).toEqual([200, expect.stringContaining('"createArticle"')]);
    expect(await titled("Posted")).toBe(1);
  });

  it("is resumed by the SDK when its connection is closed, and ended when it is refused", async () => {
    const reads = { effect: "allow", actions: ["content:read", "types:read", "assets:read"] };
    const role = await asRole(tenant, [reads]);
    const flow = new Client({ url: inject("url"), apiKey: role.secret });
    const changes = flow.subscribe<any>(CONTENT);
    const seen: string[] = [];
    const ended = (async () => {
      for await (const { contentChanged } of changes) seen.push(contentChanged.entry.title);
    })();
    await changes.ready;
    await tenant.published("article", { title: "one" });
    await eventually(async () => seen.length === 1);
    // Another policy closes the socket; what is published meanwhile is told afterwards.
    const narrowed = {
      grants: [reads, { effect: "deny", actions: ["content:read"], types: ["article"], fields: ["price"] }],
    };
    expect((await tenant.patch(`/policies/${role.policy.id}`, narrowed)).status).toBe(200);
    for (const title of ["two", "three"]) await tenant.published("article", { title });
    await eventually(async () => seen.length >= 3);
    expect(seen).toEqual(["one", "two", "three"]);
    changes.close();
    await ended;
    await expect(flow.subscribe("subscription { nothing }").next()).rejects.toMatchObject({
      reason: "graphql/invalid-document",
    });
    const gone = await asToken(tenant, { scope: "read" });
    const theirs = new Client({ url: inject("url"), apiKey: gone.secret }).subscribe(CONTENT);
    const next = theirs.next();
    await theirs.ready;
    await tenant.delete(`/tokens/${gone.id}`);
    await expect(next).rejects.toMatchObject({ status: 401 });
    await expect(next).rejects.toBeInstanceOf(FlowError);
    const byTicket = new Client({
      url: inject("url"),
      apiKey: "",
      ticket: async () => (await tenant.post("/realtime/tickets", undefined)).body.data.ticket as string,
    });
    const ofPage = byTicket.subscribe<any>(CONTENT);
    const first = ofPage.next();
    await ofPage.ready;
    await tenant.published("article", { title: "by ticket" });
    expect((await first).value.contentChanged.entry.title).toBe("by ticket");
    ofPage.close();
  });
});
