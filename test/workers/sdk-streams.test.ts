import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client, FlowError, type ClientOptions } from "../../src/sdk/index.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
});

type Step = (request: Request) => Promise<Response>;
/**
 * A client whose first attempts go as the steps say, and all others as they should; and how many it
 * made.
 */
function clientWith(steps: Step[], options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const send: Step = (request) => (steps[sent.push(request) - 1] ?? fetch)(request);
  const flow = new Client({ url: inject("url"), apiKey: tenant.tokens.admin, fetch: send, ...options });
  return { flow, sent };
}
const failure = async (of: Promise<unknown>): Promise<FlowError> =>
  of.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error as FlowError,
  );

describe("a file that is streamed", () => {
  const text = "high water 06:12 ".repeat(1000);
  /** Ends in the middle of the body. */
  const cut: Step = async (request) => {
    const whole = new Uint8Array(await (await fetch(request)).arrayBuffer());
    let hasStarted = false;
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (hasStarted) return controller.error(new TypeError("The connection was closed."));
          hasStarted = true;
          controller.enqueue(whole.slice(0, 100));
        },
      }),
    );
  };
  const busy: Step = async () => new Response(null, { status: 503 });
  const upload = () =>
    new Client({ url: inject("url"), apiKey: tenant.tokens.admin }).assets.upload(new Blob([text]));

  it("comes whole though the connection broke, from the start again", async () => {
    const { id } = await upload();
    const { flow, sent } = clientWith([busy, cut]);
    const begun: number[] = [];
    const read = await flow.assets.stream(id, (bytes) => {
      begun.push(sent.length);
      return new Response(bytes).text();
    });
    expect([read, begun]).toEqual([text, [2, 3]]);
    const never = clientWith([cut], { retries: 0 }).flow.assets.stream(id, (bytes) =>
      new Response(bytes).text(),
    );
    expect((await failure(never)).reason).toBe("client/network");
  });

  it("fails with what its reader throws, once", async () => {
    const { id } = await upload();
    const { flow, sent } = clientWith([]);
    const full = new Error("The disk is full.");
    const reading = flow.assets.stream(id, async () => {
      throw full;
    });
    expect(await failure(reading)).toBe(full);
    expect(sent).toHaveLength(1);
    expect((await failure(flow.assets.stream("ast_01jd3f0b6vfs8t4z9c7q2m5n8y", async () => 1))).status).toBe(
      404,
    );
  });

  it("is given up when it takes too long", async () => {
    const endless: Step = async (request) =>
      new Response(
        new ReadableStream({
          start: (controller) =>
            request.signal.addEventListener("abort", () => controller.error(request.signal.reason)),
        }),
      );
    const { flow } = clientWith([endless], { timeoutMs: 30, retries: 0 });
    const reading = flow.assets.stream("ast_01jd3f0b6vfs8t4z9c7q2m5n8y", (bytes) =>
      new Response(bytes).text(),
    );
    expect((await failure(reading)).reason).toBe("client/timeout");
  });
});
