import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError, type Command } from "../command.ts";
import { connect, CONNECTION_HELP, CONNECTION_OPTIONS } from "../connection.ts";
import { print, progressBar } from "../terminal.ts";
import { importWxr } from "../wxr/import-wxr.ts";
import { printReport } from "../wxr/report.ts";

const HELP = `flow import wxr FILE: brings a WordPress export in.

  flow import wxr site.xml                                into the FlowCMS that \`npm start\` runs here
  flow import wxr site.xml --dry-run                      say what would be done, and do nothing
  flow import wxr site.xml --url https://cms.example.com --token flow_admin_…

${CONNECTION_HELP}
  --concurrency N   calls under way at once, 1 to 16 (4)
  --dry-run         make a plan and print the report
  --json            print the report as JSON
  --no-progress     no progress bar

Importing again changes nothing that is the same; a run that was killed goes on where it stopped.
Exit code: 0 all came in, 1 something failed, 2 the command was wrong.
`;

export const importCommand: Command = {
  name: "import",
  summary: "bring a WordPress export (WXR) in",
  help: HELP,
  run: runImport,
};

async function runImport(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONNECTION_OPTIONS,
      concurrency: { type: "string", default: "4" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      "no-progress": { type: "boolean", default: false },
    },
  });
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
  const client = values["dry-run"] ? undefined : connect(values);
  const progress = progressBar(!values["no-progress"]);
  const report = await importWxr({ file, client, concurrency, onProgress: progress.draw });
  progress.end();
  print(values.json ? `${JSON.stringify(report)}\n` : printReport(report));
  return report.ok ? 0 : 1;
}
