import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bareSocket } from "../support/live.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const QUERY = `subscription { contentChanged(type: "article") { id } }`;

describe("graphql-transport-ws", () => {
  let tenant: Tenant;
  const opened: Awaited<ReturnType<typeof bareSocket>>[] = [];
  const open = async (protocols?: string[]) => {
    const socket = await bareSocket(protocols);
    opened.push(socket);
    return socket;
  };
  const signedIn = async (token = tenant.tokens.read) => {
    const socket = await open();
    socket.send({ type: "connection_init", payload: { token } });
    await socket.until("connection_ack");
    return socket;
  };
  const subscribe = (id: string, query = QUERY, more: object = {}) => ({
    id,
    type: "subscribe",
    payload: { query, ...more },
  });
  /** How a socket is closed after what is sent. */
  const closedBy = async (socket: Awaited<ReturnType<typeof open>>, ...messages: unknown[]) => {
    for (const message of messages) socket.send(message);
    return (await socket.isClosed).code;
  };

  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
  });
  afterAll(() => opened.forEach(({ ws }) => ws.close()));

  it("closes with the codes of the protocol", async () => {
    const init = { type: "connection_init", payload: { token: tenant.tokens.read } };
    expect(await closedBy(await open([]), { type: "ping" }), "no subprotocol").toBe(4406);
    expect(await closedBy(await open(), subscribe("1")), "before init").toBe(4401);
    expect(await closedBy(await open(), init, init), "init twice").toBe(4429);
    expect(await closedBy(await signedIn(), init), "init again").toBe(4429);
    expect(await closedBy(await signedIn(), subscribe("1"), subscribe("1")), "an id twice").toBe(4409);
    for (const bad of [
      "no JSON",
      "[]",
      "null",
      new Uint8Array([1, 2, 3]),
      { type: "subscribed" },
      { type: "start", id: "1", payload: { query: QUERY } },
      { type: "subscribe", payload: { query: QUERY } },
      { type: "subscribe", id: 1, payload: { query: QUERY } },
      { type: "subscribe", id: "x".repeat(65), payload: { query: QUERY } },
      { type: "subscribe", id: "1" },
      { type: "subscribe", id: "1", payload: [] },
      { type: "complete" },
      { type: "connection_init", payload: "token" },
      { type: "ping", payload: 1 },
    ])
      expect(await closedBy(await signedIn(), bad), JSON.stringify(bad)).toBe(4400);
    const huge = subscribe("1", QUERY, { variables: { x: "x".repeat(10_000_000) } });
    expect(await closedBy(await signedIn(), huge), "10 MB").toBe(1009);
  });

  it("lets in nobody but by a valid token", async () => {
    const other = await newTenant();
    const wrong = [
      {},
      { token: "" },
      { token: "flow_read_wrong" },
      { token: 1 },
      { Authorization: "Basic abc" },
      { headers: { Authorization: "Bearer nobody" } },
      { ticket: "flow_ticket_wrong" },
      { token: `${tenant.tokens.read.slice(0, -4)}0000` },
      { token: other.tokens.read.replace(/(flow_read_).{26}/, `$1${tenant.tokens.read.slice(10, 36)}`) },
      { token: tenant.tokens.read, environment: "nowhere" },
    ];
    for (const payload of wrong)
      expect(
        await closedBy(await open(), { type: "connection_init", payload }),
        JSON.stringify(payload),
      ).toBe(4403);
    for (const payload of [
      { Authorization: `Bearer ${tenant.tokens.read}` },
      { authorization: tenant.tokens.read },
      { headers: { authorization: `Bearer ${tenant.tokens.read}` } },
      { token: tenant.tokens.read, environment: "main" },
    ]) {
      const socket = await open();
      socket.send({ type: "connection_init", payload });
      expect(await socket.until("connection_ack")).toEqual({
        type: "connection_ack",
        payload: { since: expect.stringMatching(/^[0-9a-f]{8}\.\d+$/) },
      });
    }
  });

  it("gives up who does not sign in", async () => {
    expect(await closedBy(await open(), { type: "ping" })).toBe(4408);
  });

  it("answers pings, also before it is asked to sign in, and heeds pongs", async () => {
    const socket = await open();
    socket.send({ type: "ping" });
    expect(await socket.until("pong")).toEqual({ type: "pong" });
    socket.send({ type: "ping", payload: { a: 1 } });
    expect(await socket.until("pong", 2)).toEqual({ type: "pong", payload: { a: 1 } });
    socket.send({ type: "pong", payload: {} });
    socket.send({ type: "connection_init", payload: { token: tenant.tokens.read } });
    await socket.until("connection_ack");
  });

  it("refuses an operation without the others of its socket", async () => {
    const socket = await signedIn(tenant.tokens.admin);
    const deep = `subscription { contentChanged(type: "article") ${"{ entry ".repeat(50)}{ id }${" }".repeat(50)} }`;
    const refused: [string, string, object?][] = [
      [deep, "graphql/depth-exceeded"],
      [
        `subscription { contentChanged(type: "article") { ${"a".repeat(20_000)} } }`,
        "graphql/document-too-large",
      ],
      ["", "graphql/no-query"],
      [`subscription ($t: String!) { contentChanged(type: $t) { id } }`, "graphql/bad-variables"],
      [QUERY, "graphql/bad-variables", { variables: [] }],
      [QUERY, "realtime/bad-since", { extensions: { since: "yesterday" } }],
      [QUERY, "realtime/since-too-old", { extensions: { since: "00000000.1" } }],
      [
        `subscription A { contentChanged(type: "article") { id } } subscription B { contentChanged(type: "article") { id } }`,
        "graphql/no-such-query",
      ],
      [QUERY, "graphql/unknown-parameter", { more: 1 }],
      [
        `subscription ($s: Boolean!) { contentChanged(type: "article") @skip(if: $s) { id } }`,
        "graphql/bad-variables",
      ],
      [`subscription { contentChanged(type: "article") @include { id } }`, "graphql/invalid-document"],
      [
        `subscription ($s: Boolean!) { assetChanged @skip(if: $s) { id } releaseChanged @include(if: $s) { id } }`,
        "graphql/invalid-document",
        { variables: { s: true } },
      ],
      [`subscription { entryChanged(type: "article", id: "zzz") { id } }`, "content/bad-query"],
      [`subscription { assetChanged(id: "x\\u0000") { id } }`, "graphql/bad-argument"],
      [
        `subscription ($id: ID) { releaseChanged(id: $id) { id } }`,
        "graphql/bad-argument",
        { variables: { id: "zzz" } },
      ],
    ];
    for (const [i, [query, reason, more]] of refused.entries()) {
      socket.send(subscribe(String(i), query, more));
      const error = await socket.until("error", i + 1);
      expect([error.id, error.payload[0].extensions.reason], query.slice(0, 80)).toEqual([String(i), reason]);
    }
    socket.send(subscribe("stands"));
    expect(await socket.until("pong")).toEqual({ type: "pong", payload: { standing: "stands" } });
  });

  it("has at most fifty operations of a socket, and takes an id again that was completed", async () => {
    const socket = await signedIn();
    for (let i = 0; i < 51; i++) socket.send(subscribe(`s${i}`));
    await socket.until("pong", 50);
    const error = await socket.until("error");
    expect([error.id, error.payload[0].extensions.reason]).toEqual([
      "s50",
      "realtime/too-many-subscriptions",
    ]);
    socket.send({ type: "complete", id: "s7" });
    socket.send(subscribe("s7"));
    await socket.until("pong", 51);
    socket.send({ type: "complete", id: "nobody's" });
    const flood = Array.from({ length: 300 }, () => ({ type: "ping", payload: {} }));
    expect(await closedBy(socket, ...flood)).toBe(1008);
  });

  it("answers queries and mutations on the same socket", async () => {
    const socket = await signedIn(tenant.tokens.write);
    socket.send(
      subscribe("q", "query ($n: Int) { articleList(limit: $n) { title } }", { variables: { n: 1 } }),
    );
    expect(await socket.until("next")).toEqual({
      id: "q",
      type: "next",
      payload: { data: { articleList: [] } },
    });
    expect(await socket.until("complete")).toEqual({ id: "q", type: "complete" });
    socket.send(subscribe("m", `mutation { createArticle(fields: { title: "By socket" }) { id version } }`));
    expect((await socket.until("next", 2)).payload.data.createArticle.version).toBe(1);
    const reader = await signedIn();
    reader.send(subscribe("m", `mutation { createArticle(fields: { title: "No" }) { id } }`));
    const { payload } = await reader.until("next");
    expect(payload.errors[0].extensions.code).toBe("FORBIDDEN");
  });

  it("takes conditions of a field by variables, and completes what they leave out", async () => {
    const socket = await signedIn();
    const by = (type: string, condition: string) =>
      `subscription (${type}) { ...C } fragment C on Subscription { contentChanged(type: "article") ${condition} { id } }`;
    socket.send(subscribe("usual", by("$s: Boolean = false", "@skip(if: $s)")));
    expect(await socket.until("pong")).toEqual({ type: "pong", payload: { standing: "usual" } });
    socket.send(subscribe("left", by("$s: Boolean!", "@include(if: $s)"), { variables: { s: false } }));
    expect(await socket.until("complete")).toEqual({ id: "left", type: "complete" });
    socket.send(subscribe("never", QUERY.replace(" { id }", " @skip(if: true) { id }")));
    expect(await socket.until("complete", 2)).toEqual({ id: "never", type: "complete" });
    await tenant.published("article", { title: "Told" });
    expect((await socket.until("next")).id).toBe("usual");
    expect(socket.messages.filter(({ type }) => type === "error")).toEqual([]);
  });

  it("closes a socket that does not take what it is sent, and tells everybody else", async () => {
    const query = `subscription { contentChanged(type: "article") { id content { fields } } }`;
    const slow = await signedIn();
    const quick = await signedIn();
    // It answers, as the protocol has it, once it has what came before.
    quick.ws.addEventListener("message", ({ data }) => {
      if (data === '{"type":"ping"}') quick.send({ type: "pong" });
    });
    for (let i = 0; i < 40; i++) for (const socket of [slow, quick]) socket.send(subscribe(`s${i}`, query));
    await Promise.all([slow, quick].map((socket) => socket.until("pong", 40)));
    const body = { html: `<p>${"word ".repeat(8000)}</p>` };
    for (let i = 1; i <= 4; i++) {
      await tenant.published("article", { title: `Long ${i}`, body });
      await quick.until("next", 40 * i);
    }
    expect((await slow.isClosed).code).toBe(1013);
    expect(quick.ws.readyState).toBe(WebSocket.OPEN);
  });
});
