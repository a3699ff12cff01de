import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Client, FlowError } from "../sdk/index.ts";
import { importWxr } from "./wxr/import-wxr.ts";
import { printReport } from "./wxr/report.ts";

const HELP = `flow: FlowCMS from the command line.

  flow import wxr FILE     bring a WordPress export (WXR) in
  flow --help              this page
  flow --version           the version

Run \`flow import --help\` for the import's options.
`;

const IMPORT_HELP = `flow import wxr FILE: brings a WordPress export in.

  flow import wxr site.xml                                into the FlowCMS that \`npm start\` runs here
  flow import wxr site.xml --dry-run                      say what would be done, and do nothing
  flow import wxr site.xml --url https://cms.example.com --token flow_admin_…

  --url U           where FlowCMS is      (FLOW_URL, else .flow/dev.json)
  --token T         an admin token        (FLOW_TOKEN, else .flow/dev.json)
  --environment E   the environment to fill
  --concurrency N   calls under way at once, 1 to 16 (4)
  --dry-run         make a plan and print the report
  --json            print the report as JSON
  --no-progress     no progress bar

Importing again changes nothing that is the same; a run that was killed goes on where it stopped.
Exit code: 0 all came in, 1 something failed, 2 the command was wrong.
`;

class UsageError extends Error {}

/** Runs a command and answers its exit code; nothing is ever asked of the person. */
export async function run(args: string[]): Promise<number> {
  try {
    const [command, ...rest] = args;
    if (command === undefined || command === "--help" || command === "-h" || command === "help")
      return print(HELP);
    if (command === "--version")
      return print(
        `${(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version}\n`,
      );
    if (command !== "import")
      throw new UsageError(`There is no command "${command}". Did you mean "import"?`);
    return await runImport(rest);
  } catch (error) {
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
      process.stderr.write(`${(error as Error).message}\n\nSee: flow import --help\n`);
      return 2;
    }
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

async function runImport(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: "string" },
      token: { type: "string" },
      environment: { type: "string" },
      concurrency: { type: "string", default: "4" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      "no-progress": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(IMPORT_HELP);
  const [format, file, extra] = positionals;
  if (format !== "wxr")
    throw new UsageError(
      format === undefined
        ? "What is to be imported? flow import wxr FILE"
        : `"${format}" is no format this version imports. Did you mean "wxr"?`,
    );
  if (file === undefined || extra !== undefined)
    throw new UsageError("Give exactly one file: flow import wxr FILE");
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 16)
    throw new UsageError("--concurrency must be 1 to 16.");
  const { url, apiKey } = values["dry-run"] ? { url: "", apiKey: "" } : whereTo(values.url, values.token);
  const client = new Client({
    url,
    apiKey,
    retries: 5,
    ...(values.environment ? { environment: values.environment } : {}),
  });
  const showsProgress = process.stderr.isTTY && !values["no-progress"];
  const report = await importWxr({
    file,
    client,
    concurrency,
    isDryRun: values["dry-run"],
    onProgress: showsProgress ? drawProgress : () => {},
  });
  if (showsProgress) process.stderr.write("\n");
  print(values.json ? `${JSON.stringify(report)}\n` : printReport(report));
  return report.ok ? 0 : 1;
}

function whereTo(
  url = process.env["FLOW_URL"],
  token = process.env["FLOW_TOKEN"],
): { url: string; apiKey: string } {
  if (url !== undefined && token !== undefined) return { url, apiKey: token };
  if (!existsSync(".flow/dev.json")) {
    throw new UsageError(
      "Say where FlowCMS is: --url and --token (or FLOW_URL and FLOW_TOKEN), or run `npm start` in this folder.",
    );
  }
  const dev = JSON.parse(readFileSync(".flow/dev.json", "utf8")) as {
    url: string;
    tokens: { admin: string };
  };
  return { url: url ?? dev.url, apiKey: token ?? dev.tokens.admin };
}

function drawProgress(done: number, total: number): void {
  const width = 30;
  const filled = Math.round((width * done) / Math.max(1, total));
  process.stderr.write(`\r  ${"█".repeat(filled)}${"░".repeat(width - filled)} ${done}/${total}`);
}

function describe(error: unknown): string {
  if (error instanceof FlowError)
    return `FlowCMS refused: ${error.message} (${error.reason}, request ${error.requestId ?? "?"})`;
  const { message, cause } = error as Error & { cause?: Error };
  return cause ? `${message}: ${cause.message}` : message;
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
