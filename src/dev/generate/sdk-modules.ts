import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { operationsOf } from "../../http/openapi/document.ts";
import { GROUPS } from "../../http/openapi/groups.ts";
import { schemaWriter, type JsonSchema } from "../../http/openapi/json-schema.ts";
import { apisOf, apiText } from "./api-text.ts";
import { commentText, namesIn, typeText } from "./type-text.ts";

const ROOT = join(import.meta.dirname, "../../..");
const HEAD = "// Made by `npm run generate` of the operations that the slices declare: change those.\n\n";
const TYPES = "shapes.ts";

/** Where the generated modules find what they use. */
const SOURCES: Record<string, string[]> = {
  "../call.ts": ["type Ask", "type CallOptions", "type Outcome", "dataIn", "dataOf", "outcomeOf"],
  "../cursor-list.ts": ["type ListOf", "listOf"],
  "../path.ts": ["pathOf"],
  "../query-string.ts": ["queryString"],
  "../schema.ts": ["type SchemaShape", "type TypeId"],
};

/**
 * Writes the generated modules into a folder, in place of all that is there, formatted as this
 * repository is.
 */
export function writeSdk(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of sdkModules()) writeFileSync(join(folder, name), text);
  const formatter = join(ROOT, "node_modules/oxfmt/bin/oxfmt");
  execFileSync(process.execPath, [formatter, "--config", join(ROOT, ".oxfmtrc.json"), folder], { cwd: ROOT });
}

/** The modules by name: the types that have a name, and each API. */
function sdkModules(): Map<string, string> {
  const named = Object.assign({}, ...GROUPS.map(({ schemas }) => schemas)) as (typeof GROUPS)[0]["schemas"];
  const { write, components } = schemaWriter(named);
  const apis = apisOf(operationsOf(GROUPS));
  const texts = new Map(apis.map((api) => [`${api.name}.ts`, apiText(api, write)]));
  const given = new Set<string>();
  const used = new Set<string>();
  for (const { operations } of apis)
    for (const { body, query, answer } of operations) {
      for (const schema of [body, query]) if (schema) reach(write(schema), components, given);
      for (const schema of [body, query, answer]) if (schema) reach(write(schema), components, used);
    }
  // What the hand-written calls answer has its shape from here too.
  for (const { answer, beside } of operationsOf(GROUPS))
    for (const schema of [answer, ...Object.values(beside ?? {})])
      if (schema) reach(write(schema), components, used);
  const types = [...used].toSorted().map((name) => {
    const schema = components[name]!;
    const about = commentText(schema["description"] as string | undefined);
    return `${about}export type ${name} = ${typeText(schema, given.has(name) ? "given" : "answered")};\n`;
  });
  const modules = new Map([[TYPES, HEAD + types.join("\n")]]);
  for (const [name, text] of texts) modules.set(name, HEAD + importsOf(text, [...used]) + text);
  return modules;
}

function reach(schema: JsonSchema, components: Record<string, JsonSchema>, found: Set<string>): void {
  for (const name of namesIn(schema)) {
    if (found.has(name)) continue;
    found.add(name);
    reach(components[name]!, components, found);
  }
}

function importsOf(text: string, types: string[]): string {
  const isUsed = (name: string) => new RegExp(`\\b${name.replace("type ", "")}\\b`).test(text);
  const lines = Object.entries(SOURCES).map(([from, names]) => line(names.filter(isUsed), from));
  const own = types.filter(isUsed).map((name) => `type ${name}`);
  return [...lines, line(own, `./${TYPES}`), "\n"].join("");
}

function line(names: string[], from: string): string {
  if (names.length === 0) return "";
  const isTypeOnly = names.every((name) => name.startsWith("type "));
  const list = isTypeOnly ? names.map((name) => name.slice(5)) : names;
  return `import ${isTypeOnly ? "type " : ""}{ ${list.join(", ")} } from "${from}";\n`;
}
