import { parseArgs } from "node:util";
import { UsageError, type Command } from "../command.ts";
import { readConcurrency } from "../concurrency.ts";
import { CONNECTION_HELP, CONNECTION_OPTIONS, connect } from "../connection.ts";
import { exportNdjson } from "../ndjson/export-ndjson.ts";
import { print, progressCount } from "../terminal.ts";
import { checkTarget, fillWhole } from "./target-folder.ts";

export const exportCommand: Command = {
  name: "export",
  summary: "write an environment as a folder: types, entries, locales and the files of assets",
  help: `flow export [DIR]: writes an environment to DIR (flow-export): flow.ndjson, and assets/ID/FILENAME.

  flow export backup                          everything: drafts, published content, every locale
  flow export site --published                only published content
  flow export backup --force                  in place of an earlier export
  flow export backup --environment staging
  flow import ndjson backup --url … --token … the way back, into any environment

${CONNECTION_HELP}
  --published       only published entries, with their published values
  --force           replace an earlier export in DIR
  --concurrency N   concurrent requests, 1 to 16 (4)
  --json            print the counts as JSON
  --no-progress     no progress bar

The folder appears when it is complete: an export that fails or is stopped leaves nothing behind. The same content always
gives the same bytes. Changes made during the export may be included or not: for a consistent snapshot, export a clone
(\`flow env clone main snapshot\`). Not in it: versions, the trash, comments, schedules, tokens, the audit log.
Exit code: 0 done, 1 something failed, 2 the command was wrong.
`,
  run: runExport,
};

async function runExport(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONNECTION_OPTIONS,
      published: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      concurrency: { type: "string", default: "4" },
      json: { type: "boolean", default: false },
      "no-progress": { type: "boolean", default: false },
    },
  });
  const [target = "flow-export", extra] = positionals;
  if (extra !== undefined) throw new UsageError("Give one folder: flow export DIR");
  const concurrency = readConcurrency(values.concurrency);
  checkTarget(target, values.force);
  const client = connect(values);
  const progress = progressCount(!values["no-progress"], "items exported");
  const counts = await fillWhole(target, (folder) =>
    exportNdjson({
      client,
      folder,
      onlyPublished: values.published,
      concurrency,
      onProgress: progress.draw,
    }),
  );
  progress.end();
  const { types, entries, assets, files, bytes } = counts;
  return print(
    values.json
      ? `${JSON.stringify({ folder: target, ...counts })}\n`
      : `${target}: ${types} types, ${entries} entries, ${assets} assets, ${files} files of ${bytes} bytes.\n`,
  );
}
