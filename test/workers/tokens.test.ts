import { describe, expect, it } from "vitest";
import { eventually, newTenant } from "../support/tenant.ts";

const from = (ip: string) => ({ headers: { "cf-connecting-ip": ip } });
const reason = (reply: { body: any }) => reply.body?.error?.reason;

describe("where tokens may be used", () => {
  it("is kept to for a token with ranges of its own, also by what the edge has in memory", async () => {
    const own = await newTenant();
    const made = await own.post("/tokens", {
      name: "Office",
      scope: "read",
      ip_ranges: ["203.0.113.0/24", "2001:db8::/32"],
    });
    const { token } = made.body.data;
    await own.put("/types/note", { id: "note", name: "Note", fields: [{ id: "title", type: "short_text" }] });
    for (const ip of ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8::5"])
      for (let i = 0; i < 2; i++)
        expect((await own.get("/content/note", { token, ...from(ip) })).status, ip).toBe(200);
    for (const ip of ["203.0.114.1", "2001:db9::1", "nonsense"])
      expect(reason(await own.get("/content/note", { token, ...from(ip) })), ip).toBe(
        "access/ip-not-allowed",
      );
    expect((await own.get("/content/note", { token })).status).toBe(403);
    expect((await own.get("/content/note", from("198.51.100.1"))).status).toBe(200);
    const bad = await own.post("/tokens", { name: "x", scope: "read", ip_ranges: ["203.0.113.0/33"] });
    expect([bad.status, bad.body.error.details[0].path]).toEqual([422, "ip_ranges[0]"]);
  });

  it("is kept to for a whole tenant, and nobody locks themselves out", async () => {
    const own = await newTenant();
    const set = (ip_ranges: string[], ip: string) => own.patch("/tenant", { ip_ranges }, from(ip));
    expect((await own.get("/tenant")).body.data).toMatchObject({ slug: own.slug, ip_ranges: [] });
    expect(reason(await set(["203.0.113.0/24"], "198.51.100.1"))).toBe("access/would-lock-out");
    expect((await set(["203.0.113.0/24"], "203.0.113.1")).body.data.ip_ranges).toEqual(["203.0.113.0/24"]);
    await eventually(async () => (await own.get("/types", from("198.51.100.1"))).status === 403, 11_000);
    expect((await own.get("/types", from("203.0.113.200"))).status).toBe(200);
    expect((await set([], "203.0.113.1")).status).toBe(200);
    await eventually(async () => (await own.get("/types", from("198.51.100.1"))).status === 200, 11_000);
    const log = (await own.get("/audit-logs")).body.data as { action: string }[];
    expect(log.filter(({ action }) => action === "tenant.updated")).toHaveLength(2);
    expect((await own.patch("/tenant", { ip_ranges: [] }, { token: own.tokens.write })).status).toBe(403);
  });
});

describe("when tokens were used", () => {
  it("is known a little later, without a write for each request", async () => {
    const own = await newTenant();
    const { id, token } = (await own.post("/tokens", { name: "Used", scope: "read" })).body.data;
    const used = async () =>
      ((await own.get("/tokens")).body.data as { id: string; last_used_at: string | null }[]).find(
        (one) => one.id === id,
      )!.last_used_at;
    expect(await used()).toBeNull();
    const startedAt = Date.now();
    for (let i = 0; i < 5; i++) await own.get("/types", { token });
    await eventually(async () => (await used()) !== null, 20_000);
    expect(Date.parse((await used())!)).toBeGreaterThanOrEqual(startedAt - 1000);
  });
});
