import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { analyse } from "scslre";
import { parseAst } from "vite";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

type Found = { at: string; pattern: string; flags: string };

/** Every regular expression that is written in the source of a module. */
function expressionsIn(at: string, code: string): Found[] {
  const found: Found[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, regex } = node as { type?: string; regex?: { pattern: string; flags: string } | null };
    if (type === "Literal" && regex) found.push({ at, ...regex });
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(code, { lang: at.endsWith("x") ? "tsx" : "ts", sourceType: "module" }));
  return found;
}

/** Why the time that it takes grows faster than its input; nothing where it does not. */
const faults = ({ at, pattern, flags }: Found): string[] =>
  analyse({ source: pattern, flags }).reports.map(
    ({ type, exponential }) =>
      `${at}: /${pattern}/${flags} ${exponential ? "exponential" : "polynomial"} (${type})`,
  );

it("no regular expression takes more than a time that grows with its input", () => {
  const paths = ["src", "workers"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !/\.(?:test|d)\.ts$/.test(name))
      .map((name) => join(folder, name)),
  );
  const found = paths.flatMap((path) => expressionsIn(path, readFileSync(join(ROOT, path), "utf8")));
  expect(found.length).toBeGreaterThan(300);
  expect(found.flatMap(faults)).toEqual([]);
});

it("sees what does", () => {
  const code = String.raw`const a = [/^(a+)+$/, /\s+$/, /^\s*(\S*)\s*([^]*)$/, /(?<!\/)\/+$/, /^a+$/] as const;`;
  expect(expressionsIn("a.ts", code).map((one) => faults(one).length > 0)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
