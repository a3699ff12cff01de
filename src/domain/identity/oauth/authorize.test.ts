import { expect, it } from "vitest";
import { isSameRedirect } from "./authorize.ts";

it.each([
  ["http://127.0.0.1:4999/callback", "http://127.0.0.1:4999/callback"],
  ["http://127.0.0.1:4999/callback", "http://127.0.0.1:6666/callback"],
  ["http://127.0.0.1:4999/callback", "http://127.0.0.1/callback"],
  ["http://127.0.0.1/callback?a=1", "http://127.0.0.1:65535/callback?a=1"],
  ["http://[::1]/callback", "http://[::1]:6666/callback"],
  ["http://127.0.0.1", "http://127.0.0.1:80"],
  ["http://localhost:4999/callback", "http://localhost:4999/callback"],
  ["HTTPS://App.example/callback", "HTTPS://App.example/callback"],
])("people who may be sent to %s may be sent to %s", (known, given) => {
  expect(isSameRedirect(known, given)).toBe(true);
});

it.each([
  "http://127.0.0.1:6666/x/../callback",
  "http://127.0.0.1:6666/./callback",
  "http://127.0.0.1:6666/%63allback",
  "http://127.0.0.1:6666/x/%2e%2e/callback",
  "http://127.0.0.1:6666\\callback",
  "http:/127.0.0.1:6666/callback",
  "http:127.0.0.1:6666/callback",
  "HTTP://127.0.0.1:6666/callback",
  "http://127.1:6666/callback",
  "http://2130706433:6666/callback",
  "http://0x7f.0.0.1:6666/callback",
  "http://127.0.0.2:6666/callback",
  "http://[::1]:6666/callback",
  "http://localhost:6666/callback",
  "http://127.0.0.1:6666/callback/",
  "http://127.0.0.1:6666/Callback",
  "http://127.0.0.1:6666/callback?",
  "http://127.0.0.1:6666/callback#",
  "http://127.0.0.1:6666/callback?x=1",
  "http://127.0.0.1:6666/call\tback",
  "http://127.0.0.1:6666/callback\n",
  " http://127.0.0.1:6666/callback",
  "http://127.0.0.1:/callback",
  "http://127.0.0.1:0/callback",
  "http://127.0.0.1:65536/callback",
  "http://127.0.0.1:6666@evil.example/callback",
  "http://user@127.0.0.1:6666/callback",
  "http://127.0.0.1:6666.evil.example/callback",
  "https://127.0.0.1:6666/callback",
])("who may be sent to a loopback address may not be sent to %j", (given) => {
  expect(isSameRedirect("http://127.0.0.1:4999/callback", given)).toBe(false);
});

it("no other address has a port that may be another", () => {
  for (const known of ["http://localhost/callback", "https://app.example/callback", "https://127.0.0.1/a"])
    expect(isSameRedirect(known, known.replace(/(?<=[a-z\d])\/(?=c|a$)/, ":6666/")), known).toBe(false);
});
