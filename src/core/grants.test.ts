import { describe, expect, it } from "vitest";
import {
  BUILT_IN_ROLES,
  customGrants,
  grantsIn,
  grantsOf,
  grantsPermit,
  grantsWholly,
  type Grant,
} from "./grants.ts";
import { PERMISSIONS, scopesGrant } from "./permissions.ts";
import { formatToken, newTokenSecret, parseToken } from "./tokens.ts";

const grant = (more: Partial<Grant>): Grant => ({
  id: "g",
  effect: "allow",
  actions: ["content:read"],
  ...more,
});
const nobody = () => undefined;

describe("what roles grant", () => {
  it("is no limit without roles or with everything, and nothing with roles that nobody knows", () => {
    expect(grantsOf(undefined, nobody)).toBeUndefined();
    expect(grantsOf(["owner"], nobody)).toBeUndefined();
    expect(grantsOf(["viewer", "admin"], nobody)).toBeUndefined();
    expect(grantsOf([], nobody)).toEqual([]);
    for (const name of ["nobody", "constructor", "__proto__"]) expect(grantsOf([name], nobody)).toEqual([]);
  });

  it("adds up over roles, and every grant says where it comes from", () => {
    const policies = { pol_1: [grant({})], pol_2: [grant({ id: "h" })] };
    const roles = [{ name: "r", policies: ["pol_2", "pol_1", "pol_gone"] }];
    const found = grantsOf(["r", "viewer"], (name) => customGrants(roles, policies, name))!;
    expect(found.map(({ id, policy, role }) => [id, policy, role])).toEqual([
      ["h", "pol_2", "r"],
      ["g", "pol_1", "r"],
      ["reading", undefined, "viewer"],
    ]);
  });

  it("is cut to content types by a refusal that nothing outweighs", () => {
    const found = grantsOf(undefined, nobody, ["note"])!;
    expect(found.at(-1)).toMatchObject({ effect: "deny", except_types: ["note"] });
    expect(grantsPermit(found, "content:write")).toBe(true);
    expect(grantsPermit(found, "types:read")).toBe(true);
    expect(grantsWholly(found, "content:read")).toBe(false);
    expect(grantsWholly(found, "types:read")).toBe(true);
  });

  it("counts in the environments that are named, and nowhere else", () => {
    const both = [grant({ environments: ["staging"], actions: ["*"] }), grant({})];
    expect(grantsIn(both, (name) => name === "staging")).toEqual([
      grant({
        actions: ["content:*", "releases:*", "types:*", "assets:*", "environments:read"],
        only_in: ["staging"],
      }),
      grant({}),
    ]);
    const here = grantsIn(
      [grant({ environments: ["staging"], actions: ["*", "tokens:write"] })],
      () => true,
    )!;
    expect(grantsPermit(here, "content:delete")).toBe(true);
    for (const ofTenant of ["tokens:write", "members:write", "environments:write", "access:write"])
      expect(grantsPermit(here, ofTenant), ofTenant).toBe(false);
    expect(grantsIn(both, () => false)).toEqual([grant({})]);
    expect(grantsIn(undefined, () => false)).toBeUndefined();
    expect(grantsWholly(both, "content:read")).toBe(true);
    expect(grantsWholly([grant({ environments: ["staging"] })], "content:read")).toBe(false);
  });

  it("is refused by a refusal, whatever the order; one that is narrowed leaves the rest", () => {
    const refusal = grant({ effect: "deny", actions: ["content:*"] });
    for (const list of [
      [grant({}), refusal],
      [refusal, grant({})],
    ])
      expect(grantsPermit(list, "content:read")).toBe(false);
    expect(grantsPermit([grant({}), grant({ effect: "deny", types: ["a"] })], "content:read")).toBe(true);
    expect(grantsPermit([grant({ actions: ["*"], types: ["a"] })], "tokens:write")).toBe(false);
    expect(grantsPermit([grant({ actions: ["content:*"] })], "contents:read")).toBe(false);
  });
});

describe("scopes", () => {
  it("stay the ceiling: admin holds everything, sso_admin no content", () => {
    expect(PERMISSIONS.every((one) => scopesGrant(["admin"], one))).toBe(true);
    const held = PERMISSIONS.filter((one) => scopesGrant(["sso_admin"], one));
    expect(held.some((one) => /^(?:content|types|assets|tokens|keys|oauth):/.test(one))).toBe(false);
    expect(held).toEqual(expect.arrayContaining(["audit:read", "sso:write", "members:write"]));
    expect(
      PERMISSIONS.filter((one) => scopesGrant(["write"], one)).some((one) => one.startsWith("access")),
    ).toBe(false);
  });

  it("have names that tokens carry", () => {
    const token = {
      tenantId: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
      tokenId: "tok_01jd3f0b6vfs8t4z9c7q2m5n8x",
      secret: newTokenSecret(),
    };
    for (const kind of ["read", "sso_admin"] as const)
      expect(parseToken(formatToken({ ...token, kind }))).toEqual({ ...token, kind });
    expect(Object.keys(BUILT_IN_ROLES)).toEqual([
      "owner",
      "admin",
      "editor",
      "author",
      "contributor",
      "viewer",
    ]);
  });
});
