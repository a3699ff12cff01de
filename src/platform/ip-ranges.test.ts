import { expect, it } from "vitest";
import { ipMatcher } from "./ip-ranges.ts";

it("knows IPv4 and IPv6 ranges, and IPv4 in IPv6 clothes", () => {
  const isIn = ipMatcher(["203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32"]);
  const yes = [
    "203.0.113.1",
    "203.0.113.255",
    "198.51.100.7",
    "::ffff:203.0.113.9",
    "2001:db8::1",
    "2001:0db8:ffff::",
  ];
  const no = ["203.0.114.1", "198.51.100.8", "2001:db9::1", "::1", "10.0.0.1", "::ffff:10.0.0.1"];
  expect(yes.filter((one) => !isIn(one))).toEqual([]);
  expect(no.filter(isIn)).toEqual([]);
});

it("lets nobody in who cannot be placed", () => {
  const isIn = ipMatcher(["0.0.0.0/0", "::/0", "nonsense", "203.0.113.0/99"]);
  expect(["8.8.8.8", "2001:db8::1"].every(isIn)).toBe(true);
  expect([null, "", "local", "203.0.113", "1.2.3.4, 5.6.7.8", "0x7f.1 "].filter(isIn)).toEqual([]);
  expect(ipMatcher([])("8.8.8.8")).toBe(false);
});
