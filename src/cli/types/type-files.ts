import { existsSync, readdirSync } from "node:fs";
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
/** Below the folder of the types' files. */
const COMPONENTS_FOLDER = "components";

/** Content types and components, of files or of an environment. */
export type Model<T extends Definition = Definition> = { types: T[]; components: T[] };

const READ = [...MODULES, ".json"];

/**
 * The content types that the files of a folder describe, and the components in `components` below it: a
 * JSON object, or what a module exports as `default`.
 */
export async function readModelFiles(folder: string): Promise<Model> {
  if (!existsSync(folder))
    throw new UsageError(`There is no folder ${folder}: \`flow types pull\` writes it, --dir names another.`);
  const types = await readFiles(folder, "type");
  if (types.length === 0) throw new UsageError(`${folder} describes no content types (${READ.join(" ")}).`);
  const inside = join(folder, COMPONENTS_FOLDER);
  return { types, components: existsSync(inside) ? await readFiles(inside, "component") : [] };
}

async function readFiles(folder: string, kind: string): Promise<Definition[]> {
  const names = (await readdir(folder)).filter(
    (name) => READ.includes(extname(name)) && !/\.(?:d|test)\./.test(name),
  );
  const found = new Map<string, Definition>();
  for (const name of names.sort()) {
    const path = join(folder, name);
    const definition = check(
      path,
      extname(name) === ".json" ? await readJson(path) : (await loadModule(path)).default,
    );
    if (found.has(definition.id))
      throw new Error(`${path}: the ${kind} "${definition.id}" is in another file too.`);
    found.set(definition.id, definition);
  }
  return [...found.values()].sort(byId);
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

/** Writes one file per type and component, each in one step; answers the names of those that changed. */
export async function writeModelFiles(
  folder: string,
  { types, components }: Model,
  format: "ts" | "json",
): Promise<string[]> {
  const inside = join(folder, COMPONENTS_FOLDER);
  return [
    ...(await writeFiles(folder, types, format, "defineType")),
    ...(components.length > 0 ? await writeFiles(inside, components, format, "defineComponent") : []),
  ];
}

async function writeFiles(
  folder: string,
  definitions: Definition[],
  format: "ts" | "json",
  define: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const one of definitions) {
    const text = format === "json" ? `${JSON.stringify(one, null, 2)}\n` : moduleOf(one, define);
    const path = join(folder, `${one.id}.${format}`);
    if (existsSync(path) && (await readFile(path, "utf8")) === text) continue;
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
    written.push(path);
  }
  return written;
}

const moduleOf = (definition: Definition, define: string): string =>
  `import { ${define} } from "flowcms/config";\n\nexport default ${define}(${literal(definition, "")});\n`;

/** The files of a folder that describe none of the model, and the ids that several describe. */
export function otherFiles(
  folder: string,
  { types, components }: Model,
): { others: string[]; twice: string[] } {
  const inside = join(folder, COMPONENTS_FOLDER);
  const listed = [
    ...filesIn(folder).map((name) => ({ name, id: name.replace(/\.\w+$/, ""), known: types })),
    ...filesIn(inside).map((name) => ({
      name: join(COMPONENTS_FOLDER, name),
      id: name.replace(/\.\w+$/, ""),
      known: components,
    })),
  ];
  const isKnown = ({ id, known }: (typeof listed)[number]) => known.some((one) => one.id === id);
  const seen = new Set<string>();
  const twice = listed.filter((one) => {
    const key = `${one.known === types} ${one.id}`;
    return isKnown(one) && (seen.has(key) || !seen.add(key));
  });
  return {
    others: listed.filter((one) => !isKnown(one)).map(({ name }) => name),
    twice: [...new Set(twice.map(({ id }) => id))],
  };
}

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isFile() ? [one.name] : []))
    : [];

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
