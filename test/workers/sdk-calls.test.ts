import { getEventListeners } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client, FlowError, type ClientOptions } from "../../src/sdk/index.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const SDK = fileURLToPath(new URL("../../src/sdk", import.meta.url));
const MAX_GZIP_BYTES = 8 * 1024;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
});

type Step = (request: Request) => Promise<Response>;
const really: Step = (request) => fetch(request);
const lost: Step = async (request) => {
  await (await fetch(request)).text();
  throw new TypeError("The connection was closed.");
};
const broken: Step = async () => {
  throw new TypeError("No such host.");
};
const answers =
  (status: number, headers: Record<string, string> = {}): Step =>
  async () =>
    Response.json(
      { status: "error", error: { code: "UNAVAILABLE", reason: "db/busy" } },
      { status, headers },
    );
/** Answers nothing until it is given up. */
const silent: Step = (request) =>
  new Promise((_resolve, reject) =>
    request.signal.addEventListener("abort", () => reject(request.signal.reason as Error)),
  );

/** A client whose first attempts go as the steps say, and all others as they should; and what it sent. */
function clientWith(steps: Step[], options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const flow = new Client({
    url: inject("url"),
    apiKey: tenant.tokens.admin,
    fetch: (request) => {
      sent.push(request.clone() as Request);
      return (steps[sent.length - 1] ?? really)(request);
    },
    ...options,
  });
  return { flow, sent };
}
const keysOf = (sent: Request[]) => sent.map((request) => request.headers.get("idempotency-key"));

async function failure(of: Promise<unknown>): Promise<unknown> {
  return of.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );
}
const refusal = async (of: Promise<unknown>): Promise<FlowError> => {
  const error = await failure(of);
  expect(error).toBeInstanceOf(FlowError);
  return error as FlowError;
};
const titled = async (title: string) =>
  (await tenant.get(`/content/article?perspective=draft&filter[title]=${encodeURIComponent(title)}`)).body
    .data;

describe("a call that fails for a while", () => {
  it("is sent again after 429, 502, 503, 504 and a broken network", async () => {
    for (const step of [answers(429), answers(502), answers(503), answers(504), broken]) {
      const { flow, sent } = clientWith([step]);
      expect((await flow.types.get("article")).id).toBe("article");
      expect(sent).toHaveLength(2);
    }
  });

  it("is not sent again when nothing would change", async () => {
    const { flow, sent } = clientWith([]);
    expect((await refusal(flow.types.get("nothing"))).reason).toBe("types/not-found");
    expect((await refusal(flow.content.create("article", { titel: "x" }))).reason).toBe(
      "content/invalid-entry",
    );
    expect(sent).toHaveLength(2);
    const failing = clientWith([answers(500)]);
    expect((await refusal(failing.flow.types.list())).status).toBe(500);
    expect(failing.sent).toHaveLength(1);
  });

  it("is given up after as many retries as were wanted", async () => {
    const { flow, sent } = clientWith([answers(503), answers(503), answers(503)], { retries: 1 });
    const error = await refusal(flow.types.list());
    expect([error.status, error.reason, sent.length]).toEqual([503, "db/busy", 2]);
    await flow.types.list({ retries: 0 }).catch(() => {});
    expect(sent).toHaveLength(3);
  });

  it("waits as long as Retry-After says, and gives up when that is too long", async () => {
    const { flow } = clientWith([answers(429, { "retry-after": "1" })]);
    const startedAt = performance.now();
    await flow.types.list();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(999);
    const figures = { ratelimit: '"default";r=7;t=41, "writes";r=0;t=3600', "retry-after": "3600" };
    const tooLong = clientWith([answers(429, figures)]);
    expect(await refusal(tooLong.flow.types.list())).toMatchObject({
      status: 429,
      retryAfterSeconds: 3600,
      limits: [
        { name: "default", remaining: 7, resetSeconds: 41 },
        { name: "writes", remaining: 0, resetSeconds: 3600 },
      ],
    });
    expect(tooLong.sent).toHaveLength(1);
  });
});

describe("a write", () => {
  it("happens once though its answer was lost", async () => {
    const { flow, sent } = clientWith([lost, lost]);
    const entry = await flow.content.create("article", { title: "Exactly once" });
    const kept = await titled("Exactly once");
    expect(kept.map((one: { id: string }) => one.id)).toEqual([entry.id]);
    expect(new Set(keysOf(sent)).size).toBe(1);
    expect(sent).toHaveLength(3);

    const changing = clientWith([lost]);
    const changed = await changing.flow.content.update("article", entry.id, { version: 1, rank: 1 });
    expect(changed.version).toBe(2);
    const putting = clientWith([lost]);
    const put = await putting.flow.content.put("article", entry.id, { version: 2, title: "Exactly once" });
    expect([put.outcome, put.entry.version]).toEqual(["updated", 3]);
    const publishing = clientWith([lost]);
    expect((await publishing.flow.content.publish(entry.id, { version: 3 })).status).toBe("published");
    const deleting = clientWith([lost]);
    await deleting.flow.content.delete("article", entry.id, { for_good: true });
    expect(await titled("Exactly once")).toEqual([]);
  });

  it("may be put again without a key, which changes nothing", async () => {
    const { flow, sent } = clientWith([lost]);
    const id = "cnt_01jd0000000000000000000077";
    const { entry, outcome } = await flow.content.put("article", id, { title: "Put" });
    expect([entry.version, outcome, keysOf(sent)]).toEqual([1, "unchanged", [null, null]]);
  });

  it("of a file happens once too", async () => {
    const { flow, sent } = clientWith([lost]);
    const asset = await flow.assets.upload(new Blob(["once"], { type: "text/plain" }), {
      filename: "once.txt",
    });
    expect((await flow.assets.list()).data.map((one) => one.id)).toEqual([asset.id]);
    expect(sent).toHaveLength(3);
  });

  it("has a key of its own each time, or the one it is given", async () => {
    const { flow, sent } = clientWith([]);
    await flow.content.create("article", { title: "First" });
    await flow.content.create("article", { title: "First" });
    expect(new Set(keysOf(sent)).size).toBe(2);
    const [one, same] = [
      await flow.content.create("article", { title: "Mine" }, {}, { idempotencyKey: "import-7" }),
      await flow.content.create("article", { title: "Mine" }, {}, { idempotencyKey: "import-7" }),
    ];
    expect(same.id).toBe(one.id);
    const reused = flow.content.create("article", { title: "Other" }, {}, { idempotencyKey: "import-7" });
    expect((await refusal(reused)).reason).toBe("http/idempotency-key-reused");
    await flow.types.list();
    await flow.graphql("{ __typename }");
    expect(keysOf(sent).slice(-2)).toEqual([null, null]);
    await flow.graphql("mutation { readNotifications { read } }").catch(() => {});
    await flow.graphql({ documentId: "none", isMutation: true }).catch(() => {});
    expect(keysOf(sent).slice(-2)).toEqual([expect.any(String), expect.any(String)]);
  });

  it("is asked again while the first of its key is under way", async () => {
    const unanswered: Step = async () =>
      Response.json(
        { status: "error", error: { code: "CONFLICT", reason: "http/idempotency-unanswered" } },
        { status: 409 },
      );
    const { flow, sent } = clientWith([unanswered]);
    await flow.content.create("article", { title: "Patient" });
    expect([sent.length, (await titled("Patient")).length]).toEqual([2, 1]);
  });
});

describe("a call without an answer", () => {
  it("times out, attempt by attempt", async () => {
    const { flow, sent } = clientWith([silent, silent], { timeoutMs: 30, retries: 1 });
    const error = await refusal(flow.types.list());
    expect([error.code, error.reason, error.status, error.requestId]).toEqual([
      "UNAVAILABLE",
      "client/timeout",
      0,
      null,
    ]);
    expect(error.cause).toBeDefined();
    expect(sent).toHaveLength(2);
    const once = clientWith([silent]);
    expect(await once.flow.types.list({ timeoutMs: 30 }).catch(() => "late")).toHaveLength(1);
  });

  it("counts the body's time too", async () => {
    const endless: Step = async (request) =>
      new Response(
        new ReadableStream({
          start: (controller) =>
            request.signal.addEventListener("abort", () => controller.error(request.signal.reason)),
        }),
      );
    const { flow } = clientWith([endless], { timeoutMs: 30, retries: 0 });
    expect((await refusal(flow.types.list())).reason).toBe("client/timeout");
  });

  it("says that the network failed, and why", async () => {
    const { flow } = clientWith([broken], { retries: 0 });
    const error = await refusal(flow.types.list());
    expect([error.code, error.reason]).toEqual(["UNAVAILABLE", "client/network"]);
    expect((error.cause as Error).message).toBe("No such host.");
    const page = clientWith([async () => new Response("<html>Sign in</html>")]);
    expect((await refusal(page.flow.types.list())).reason).toBe("client/no-json");
  });

  it("is given up with the caller's own reason: before, during and between attempts", async () => {
    const reason = new Error("The reader left.");
    const before = clientWith([]);
    expect(await failure(before.flow.types.list({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(before.sent).toHaveLength(0);

    const during = new AbortController();
    const waiting = clientWith([
      (request) => {
        queueMicrotask(() => during.abort(reason));
        return silent(request);
      },
    ]);
    expect(await failure(waiting.flow.types.list({ signal: during.signal }))).toBe(reason);

    const between = new AbortController();
    const pausing = clientWith([answers(503, { "retry-after": "50" })], {
      onResponse: () => void setTimeout(() => between.abort(reason)),
    });
    expect(await failure(pausing.flow.types.list({ signal: between.signal }))).toBe(reason);
    // The second would be sent after the pause.
    expect(pausing.sent).toHaveLength(1);
  });

  it("leaves nothing behind on a signal that lives on", async () => {
    const { signal } = new AbortController();
    const { flow } = clientWith([answers(503), broken]);
    for (let i = 0; i < 5; i++) await flow.types.list({ signal });
    await flow.types.get("nothing", { signal }).catch(() => {});
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("hooks", () => {
  it("see every attempt, and may set headers", async () => {
    const seen: string[] = [];
    const { flow, sent } = clientWith([answers(503)], {
      environment: "main",
      onRequest: async (request) => {
        request.headers.set("x-request-id", "req_from_a_hook");
        seen.push(`${request.method} ${new URL(request.url).pathname}`);
      },
      onResponse: (response, { attempt, durationMs }) => {
        expect(durationMs).toBeGreaterThanOrEqual(0);
        seen.push(`${attempt}: ${response.status} ${response.headers.get("x-request-id")}`);
      },
    });
    await flow.types.list();
    expect(seen).toEqual(["GET /api/v3/types", "1: 503 null", "GET /api/v3/types", "2: 200 req_from_a_hook"]);
    expect(sent[0]!.headers.get("x-flow-environment")).toBe("main");
  });

  it("throw what they throw", async () => {
    const own = new Error("Not today.");
    const { flow, sent } = clientWith([], {
      onRequest: () => {
        throw own;
      },
    });
    expect(await failure(flow.types.list())).toBe(own);
    expect(sent).toHaveLength(0);
  });
});

const bundle = async (code: string, minify: boolean): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: SDK },
    bundle: true,
    minify,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]!.text;
};

describe("the client as a file", () => {
  it("is small and needs nothing of any one platform", async () => {
    const text = await bundle('export * from "./index.ts";', true);
    expect(gzipSync(text).byteLength).toBeLessThanOrEqual(MAX_GZIP_BYTES);
    const sources = readdirSync(SDK).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    for (const name of sources) {
      const source = readFileSync(join(SDK, name), "utf8");
      expect(source, name).not.toMatch(/from "(?!\.\/)|\bprocess\.|\bBuffer\b|\brequire\(/);
      expect(source.split("\n").length, name).toBeLessThanOrEqual(200);
    }
  });

  it("reads, writes and uploads inside a Worker", async () => {
    const script = await bundle(
      `import { Client } from "./index.ts";
      export default {
        async fetch(_request, { url, apiKey }) {
          const flow = new Client({ url, apiKey });
          const { id } = await flow.content.create("article", { title: "From a Worker" });
          const asset = await flow.assets.upload(new Blob(["hi"], { type: "text/plain" }), { filename: "hi.txt" });
          const entry = await flow.content.get("article", id, { perspective: "draft" }, { signal: new AbortController().signal });
          return Response.json([entry.title, asset.size_bytes]);
        },
      };`,
      false,
    );
    const worker = new Miniflare(
      convertV4MiniflareOptions({
        host: "127.0.0.1",
        port: 0,
        cf: false,
        telemetry: { enabled: false },
        workers: [
          {
            name: "site",
            modules: [{ type: "ESModule", path: "site.js", contents: script }],
            compatibilityDate: "2026-10-23",
            bindings: { url: inject("url"), apiKey: tenant.tokens.admin },
          },
        ],
      } as never),
    );
    try {
      const answer = await worker.dispatchFetch("http://worker/");
      expect(JSON.parse(await answer.text())).toEqual(["From a Worker", 2]);
    } finally {
      await worker.dispose();
    }
  });
});
