import { build } from "esbuild";
import { expect, it } from "vitest";
import { signedHeaders, newSigningSecret } from "../domain/reach/webhooks/sign.ts";
import { verifyWebhook, WebhookError } from "./webhooks.ts";

const now = Date.parse("2026-01-31T09:30:00Z");
const body = JSON.stringify({ type: "entry.published", data: { id: "cnt_1", title: "ünï 😀" } });
const [secret, other] = [newSigningSecret(), newSigningSecret()];
const headersOf = (secrets: string[], of = body) =>
  signedHeaders(secrets, { id: "dlv_1", body: of, at: now });

it("answers the payload of a call that was signed, by a request or by its parts", async () => {
  const headers = await headersOf([secret]);
  const request = new Request("https://example.com", { method: "POST", headers, body });
  expect(await verifyWebhook(request, secret, { now })).toEqual(JSON.parse(body));
  expect(await verifyWebhook({ headers, body }, secret, { now })).toEqual(JSON.parse(body));
  const rotated = await headersOf([other, secret]);
  for (const one of [secret, other, [newSigningSecret(), secret]])
    expect(await verifyWebhook({ headers: rotated, body }, one, { now })).toEqual(JSON.parse(body));
});

it("refuses what was changed, is signed by another, too old, from the future, or not signed at all", async () => {
  const headers = await headersOf([secret]);
  const refused: [string, Record<string, string>, string, object?][] = [
    ["another body", headers, body.replace("cnt_1", "cnt_2")],
    ["another id", { ...headers, "webhook-id": "dlv_2" }, body],
    ["another time", { ...headers, "webhook-timestamp": String(now / 1000 + 1) }, body],
    ["no number", { ...headers, "webhook-timestamp": "x" }, body],
    ["another secret", await headersOf([other]), body],
    [
      "another scheme",
      { ...headers, "webhook-signature": headers["webhook-signature"]!.replace("v1,", "v1a,") },
      body,
    ],
    ["nonsense", { ...headers, "webhook-signature": "v1,%%% v1, ,," }, body],
    ["an empty signature", { ...headers, "webhook-signature": "" }, body],
    ["too late", headers, body, { now: now + 301_000 }],
    ["too early", headers, body, { now: now - 301_000 }],
  ];
  for (const [what, given, text, options] of refused)
    await expect(
      verifyWebhook({ headers: given, body: text }, secret, { now, ...options }),
      what,
    ).rejects.toThrow(WebhookError);
  await expect(verifyWebhook({ headers: {}, body }, secret, { now })).rejects.toThrow("webhook-id");
});

it("is less than 2 KB", async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL("webhooks.ts", import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  expect(outputFiles[0]!.contents.byteLength).toBeLessThan(2048);
});
