import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { seedDemo } from "../../src/dev/seed-demo.ts";
import { FIELD_TYPES } from "../../src/domain/content/types/index.ts";
import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { Client } from "../../src/sdk/index.ts";
import { docBlocks, docPages, docText, runBlock } from "../support/doc-blocks.ts";
import { delivered, newTenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROOMS = ["core", "db", "platform", "domain", "http"];
const NO_REASONS = /^(?:application|audio|font|image|multipart|text|video)\//;

describe("the documentation", { timeout: 240_000 }, () => {
  for (const page of docPages().filter((name) => docBlocks(name).length > 0)) {
    it(`${page} does what it says`, async () => {
      const tenant = await newTenant();
      await seedDemo(new Client({ url: inject("url"), apiKey: tenant.tokens.admin }));
      await delivered(tenant);
      const env = {
        FLOW_URL: inject("url"),
        FLOW_TOKEN: tenant.tokens.read,
        FLOW_WRITE_TOKEN: tenant.tokens.write,
        FLOW_ADMIN_TOKEN: tenant.tokens.admin,
      };
      for (const block of docBlocks(page)) {
        const at = `${page}:${block.line}`;
        const printed = (await runBlock(block, env)).trim();
        if (block.answer === undefined) expect(printed, at).not.toMatch(/"status":"error"|"errors":/);
        else if (/^[[{]/.test(block.answer))
          expect(JSON.parse(printed), at).toMatchObject(JSON.parse(block.answer));
        else expect(printed, at).toBe(block.answer);
      }
    });
  }

  it("is reachable from its index, and every link of it leads somewhere", () => {
    const linked = [...docText("README.md").matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, to]) => to!);
    expect([...linked, "README.md"].sort()).toEqual(docPages().sort());
    for (const page of docPages()) {
      for (const [, to] of docText(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g))
        expect(existsSync(join(ROOT, "docs", to!)), `${page}: ${to}`).toBe(true);
    }
  });

  it("describes every field type", () => {
    for (const type of FIELD_TYPES)
      expect(docText("content-modelling.md")).toMatch(new RegExp(`^\\| \`${type}\``, "m"));
  });

  it("lists every reason that the source knows, and no other", () => {
    const sources = ROOMS.flatMap((room) => filesIn(join(ROOT, "src", room)));
    const known = sources
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
      .flatMap((path) =>
        [...codeOf(path).matchAll(/"([a-z]+\/[a-z][a-z0-9-]+)"/g)].map(([, reason]) => reason!),
      )
      .filter((reason) => !NO_REASONS.test(reason));
    expect([...documentedReasons().keys()].sort()).toEqual([...new Set(known)].sort());
  });

  it("gives each reason the HTTP status that the API document gives it", () => {
    const documented = documentedReasons();
    for (const { operationId, errors } of operationsOf(GROUPS))
      for (const [status, reasons] of Object.entries(errors ?? {}))
        for (const reason of reasons as readonly string[])
          expect(documented.get(reason), `${operationId}: ${reason}`).toContain(status);
  });
});

/** The reasons of errors.md with their HTTP statuses. */
function documentedReasons(): Map<string, string[]> {
  const rows = docText("errors.md").matchAll(/^\| `([a-z]+\/[a-z0-9-]+)`\s*\| ([\d, ]+?)\s*\|/gm);
  return new Map([...rows].map(([, reason, statuses]) => [reason!, statuses!.split(", ")]));
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

/** The code without what it imports and without the API's own descriptions, which name reasons of others. */
function codeOf(path: string): string {
  if (path.endsWith("openapi.ts") || path.includes("/http/openapi/")) return "";
  return readFileSync(path, "utf8").replace(/^import .*$|^\s*\/?\*.*$|^} from .*$/gm, "");
}
