import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { showDocument } from "./documents.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A CONTENT that counts how often it is asked, and may be down. */
function content() {
  const asked: string[] = [];
  const state = { isDown: false };
  const document = async (name: string, origin: string) => {
    asked.push(name);
    if (state.isDown) throw new Error("down");
    return new Response(`${name} of ${origin}`, { headers: { etag: '"1"', "content-type": "text/html" } });
  };
  return { asked, state, env: { INTERNAL: { document } } as unknown as GatewayBindings };
}

it("asks once for each host, and again after five minutes", async () => {
  const { asked, env } = content();
  const show = async (host: string) =>
    (await showDocument(new Request(`https://${host}/docs`), env, "docs"))!;
  const first = await show("a.example");
  expect(await first.text()).toContain("https://a.example");
  expect((await show("a.example")).headers.get("x-flow-cache")).toBe("HIT");
  expect(asked).toHaveLength(1);
  expect(await (await show("b.example")).text()).toContain("b.example");
  expect(asked).toHaveLength(2);
  vi.setSystemTime(Date.now() + 301_000);
  expect((await show("a.example")).headers.get("x-flow-cache")).toBe("MISS");
  expect(asked).toHaveLength(3);
});

it("answers an error of the API when CONTENT does not answer, and keeps nothing of it", async () => {
  const { state, env } = content();
  const show = async () => (await showDocument(new Request("https://c.example/docs"), env, "docs"))!;
  state.isDown = true;
  const refused = await show();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ status: "error", error: { code: "UNAVAILABLE" } });
  state.isDown = false;
  expect((await show()).status).toBe(200);
});
