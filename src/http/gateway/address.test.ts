import { expect, it } from "vitest";
import { addressOf } from "./address.ts";

const GIVEN = {
  "cf-connecting-ip": "203.0.113.1",
  "x-forwarded-for": "203.0.113.2, 203.0.113.3",
  "x-real-ip": "203.0.113.4",
  forwarded: "for=203.0.113.5",
  "mf-cf-blob": '{"clientIp":"203.0.113.6"}',
};
const asked = (headers: Record<string, string> = GIVEN) => new Request("http://127.0.0.1/", { headers });

it("the caller's address is the socket's, whatever headers say, but in the one that is to be believed", () => {
  const memory = { CACHE: "memory" } as const;
  expect(addressOf(asked(), memory)).toBe("127.0.0.1");
  expect(addressOf(Object.assign(asked(), { cf: { clientIp: "203.0.113.6" } }), memory)).toBe("127.0.0.1");
  const named = (ADDRESS_HEADER: string, headers?: Record<string, string>) =>
    addressOf(asked(headers), { ...memory, ADDRESS_HEADER });
  expect(named("x-real-ip")).toBe("203.0.113.4");
  expect(named("x-forwarded-for")).toBe("203.0.113.3");
  expect(named("x-real-ip", {})).toBeNull();
  expect(named("x-real-ip", { "x-real-ip": "" })).toBeNull();
});

it("on Cloudflare it is what the network says", () => {
  expect(addressOf(asked(), { CACHE: "workers" })).toBe("203.0.113.1");
  expect(addressOf(asked(), { CACHE: "workers", ADDRESS_HEADER: "x-real-ip" })).toBe("203.0.113.1");
});
