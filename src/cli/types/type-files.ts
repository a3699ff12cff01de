import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { UsageError } from "../command.ts";
import { loadModule, MODULES } from "../load-module.ts";

export type Block = { id: string; fields: readonly Field[] };
export type Field = {
  id: string;
  type: string;
  fields?: readonly Field[] | undefined;
  components?: readonly (string | Block)[] | undefined;
  [rule: string]: unknown;
};
export type Definition = { id: string; name?: unknown; fields: Field[]; [name: string]: unknown };
export const TYPES_FOLDER = "flow/types";

const READ = [...MODULES, ".json"];

/**
 * The content types that the files of a folder describe: a JSON object, or what a module exports as
 * `default`.
 */
export async function readTypeFiles(folder: string): Promise<Definition[]> {
  if (!existsSync(folder))
    throw new UsageError(`There is no folder ${folder}: \`flow types pull\` writes it, --dir names another.`);
  const names = (await readdir(folder)).filter(
    (name) => READ.includes(extname(name)) && !/\.(?:d|test)\./.test(name),
  );
  if (names.length === 0) throw new UsageError(`${folder} describes no content types (${READ.join(" ")}).`);
  const types = new Map<string, Definition>();
  for (const name of names.sort()) {
    const path = join(folder, name);
    const definition = check(
      path,
      extname(name) === ".json" ? await readJson(path) : (await loadModule(path)).default,
    );
    if (types.has(definition.id))
      throw new Error(`${path}: the type "${definition.id}" is in another file too.`);
    types.set(definition.id, definition);
  }
  return [...types.values()].sort(byId);
}

export const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

function check(path: string, given: unknown): Definition {
  const { id, fields } = (typeof given === "object" && given !== null ? given : {}) as Partial<Definition>;
  if (
    typeof id !== "string" ||
    !Array.isArray(fields) ||
    fields.some((field) => typeof field?.id !== "string")
  )
    throw new Error(`${path} must export a content type as default: { id, name, fields: [{ id, type }] }.`);
  return JSON.parse(JSON.stringify(given)) as Definition;
}

/** Writes one file per type, each in one step; answers the names of those that changed. */
export async function writeTypeFiles(
  folder: string,
  types: Definition[],
  format: "ts" | "json",
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const type of types) {
    const text = format === "json" ? `${JSON.stringify(type, null, 2)}\n` : moduleOf(type);
    const path = join(folder, `${type.id}.${format}`);
    if (existsSync(path) && (await readFile(path, "utf8")) === text) continue;
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
    written.push(path);
  }
  return written;
}

function moduleOf(type: Definition): string {
  return `import { defineType } from "flowcms/config";\n\nexport default defineType(${literal(type, "")});\n`;
}

/** A value as TypeScript that a formatter leaves alone as far as short objects go. */
function literal(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Array.isArray(value)
    ? value.map((one: unknown) => literal(one, `${indent}  `))
    : Object.entries(value).map(
        ([key, one]) =>
          `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${literal(one, `${indent}  `)}`,
      );
  const [open, close, space] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  if (entries.length === 0) return open + close;
  const line = `${open}${space}${entries.join(", ")}${space}${close}`;
  if (indent.length + line.length <= 90 && !line.includes("\n") && indent !== "") return line;
  return `${open}\n${entries.map((entry) => `${indent}  ${entry},\n`).join("")}${indent}${close}`;
}
