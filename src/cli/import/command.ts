import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError, type Command } from "../command.ts";
import { readConcurrency } from "../concurrency.ts";
import { connect, CONNECTION_OPTIONS } from "../connection.ts";
import { suggest } from "../suggest.ts";
import { print, progressBar } from "../terminal.ts";
import { FORMATS, type ImportFormat } from "./formats.ts";
import { printReport } from "./report.ts";

const LINES = Object.entries(FORMATS).map(
  ([name, { takes, what }]) => `  flow import ${`${name} ${takes}`.padEnd(18)} ${what}`,
);

export const importCommand: Command = {
  name: "import",
  summary: `import content: ${Object.entries(FORMATS)
    .map(([name, { takes }]) => `flow import ${name} ${takes}`)
    .join(", ")}`,
  help: `flow import: imports content from other systems.

${LINES.join("\n")}

Each has its own help: \`flow import contentful --help\`. Try it first with --dry-run: it needs no running FlowCMS.

  flow import contentful export.json --dry-run
  flow import wxr site.xml --url https://cms.example.com --token flow_admin_…
`,
  pages: Object.fromEntries(Object.entries(FORMATS).map(([name, { help }]) => [name, help])),
  run: runImport,
};

async function runImport(args: string[]): Promise<number> {
  const { name, format } = formatOf(args);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONNECTION_OPTIONS,
      ...format.options,
      concurrency: { type: "string", default: "4" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      "no-progress": { type: "boolean", default: false },
    },
  });
  const path = pathOf(positionals.slice(1), name, format);
  const concurrency = readConcurrency(values.concurrency);
  const options = values as Record<string, string | boolean | string[] | undefined>;
  for (const option of ["assets", "published"]) requireThere(options[option], option);
  const client = values["dry-run"] ? undefined : connect(values);
  const progress = progressBar(!values["no-progress"]);
  const report = await format.run({ path, client, concurrency, options, onProgress: progress.draw });
  progress.end();
  print(values.json ? `${JSON.stringify(report)}\n` : printReport(report));
  return report.ok ? 0 : 1;
}

function formatOf(args: string[]): { name: string; format: ImportFormat } {
  const name = args.find((arg) => !arg.startsWith("-"));
  const formats = Object.keys(FORMATS);
  if (name === undefined)
    throw new UsageError(
      `Which format? ${LINES.map((line) => line.trim().replace(/ {2,}.*/, "")).join(", ")}`,
    );
  if (!Object.hasOwn(FORMATS, name))
    throw new UsageError(`"${name}" is not a format that this version imports.${suggest(name, formats)}`);
  return { name, format: FORMATS[name]! };
}

function pathOf(given: string[], name: string, { takes }: ImportFormat): string {
  const [path, extra] = given;
  const isFile = takes === "FILE";
  if (path === undefined || extra !== undefined)
    throw new UsageError(`Give exactly one ${isFile ? "file" : "folder"}: flow import ${name} ${takes}`);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`There is no ${isFile ? "file" : "folder"} ${path}.`);
  if (found.isDirectory() === isFile) throw new UsageError(`${path} is not a ${isFile ? "file" : "folder"}.`);
  return path;
}

function requireThere(path: unknown, option: string): void {
  if (typeof path === "string" && !statSync(path, { throwIfNoEntry: false }))
    throw new UsageError(`${path} does not exist (--${option}).`);
}
