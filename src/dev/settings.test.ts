import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./build.ts";
import { SETTINGS, SETTINGS_HELP, settingsFrom, settingsOf } from "./settings.ts";

/** What the runner itself decides. */
const OURS = ["DATABASE_URL", "REDIS_URL", "REDIS_TOKEN"];
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe("the settings of an installation of one's own", () => {
  it("are all that the Workers read, said in the guide and in --help", () => {
    const files = ["content-env.ts", "identity-env.ts", "webhook-env.ts", "email.ts", "edge/env.ts"];
    const texts = files.map((file) => read(`src/platform/${file}`)).join("\n");
    const names = new Set([...texts.matchAll(/^ +([A-Z_]+)\??: string;/gm)].map(([, name]) => name!));
    expect([...names].filter((name) => !OURS.includes(name)).sort()).toEqual(Object.keys(SETTINGS).sort());
    const guide = read("docs/deploying.md");
    for (const name of Object.keys(SETTINGS)) {
      expect(guide, name).toContain(`\`${name}\``);
      expect(SETTINGS_HELP).toContain(`  ${name} `);
    }
  });

  it("are handed on as the Workers take them, and an empty one is none", () => {
    const environment = {
      PUBLIC_URL: "https://cms.example.com/path",
      SIGN_UP: " open ",
      ADDRESS_HEADER: "X-Real-IP",
      RATE_LIMIT_PER_MINUTE: "0600",
      DNS_URL: "https://dns.example/dns-query",
      EMAIL_TOKEN: "",
      HOME: "/",
    };
    const settings = settingsFrom(environment);
    expect(settings).toEqual({
      PUBLIC_URL: "https://cms.example.com",
      SIGN_UP: "open",
      ADDRESS_HEADER: "x-real-ip",
      RATE_LIMIT_PER_MINUTE: "600",
      DNS_URL: "https://dns.example/dns-query",
    });
    const { DNS_URL, ADDRESS_HEADER, ...others } = settings;
    expect(settingsOf("identity", settings)).toEqual({ ...others, DNS_URL });
    expect(settingsOf("gateway", settings)).toEqual({ ...others, ADDRESS_HEADER });
    expect(settingsOf("content", { ...others, MASTER_KEYS: "k" })).toEqual(others);
    expect(settingsOf("content", settings)).toEqual(others);
  });

  it.each([
    ["PUBLIC_URL", "cms.example.com"],
    ["ADDRESS_HEADER", "x-real-ip, x-forwarded-for"],
    ["ADDRESS_HEADER", "true;"],
    ["SIGN_UP", "yes"],
    ["RATE_LIMIT_PER_MINUTE", "many"],
    ["DEFAULT_PLAN", "-1"],
    ["DNS_URL", "dns.example"],
    ["EMAIL_URL", "smtp://mail.example"],
  ])("refuse %s=%s by name", (name, value) => {
    expect(() => settingsFrom({ [name]: value })).toThrow(new RegExp(`^${name} must be .*not "${value}"`));
  });

  it.each(["abc", "k:c2hvcnQ=", `k:${"A".repeat(43)}=,`, `k:${"A".repeat(43)}=,old:c2hvcnQ=`])(
    "refuse keys that seal nothing, and do not show them: %s",
    (keys) => {
      expect(() => settingsFrom({ MASTER_KEYS: keys })).toThrow(
        /^MASTER_KEYS must be `id:` and 32 random bytes/,
      );
      expect(() => settingsFrom({ MASTER_KEYS: keys })).not.toThrow(keys);
    },
  );
});
