import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError, type Command } from "../command.ts";
import { cutText } from "../cut-text.ts";
import { readConcurrency } from "../concurrency.ts";
import { loadModule } from "../load-module.ts";
import { CONNECTION_HELP, CONNECTION_OPTIONS, connect } from "../connection.ts";
import { suggest } from "../suggest.ts";
import { print, progressCount } from "../terminal.ts";
import type { Migration } from "./define-migration.ts";
import { runMigration, type EntryChange, type MigrationReport } from "./run-migration.ts";

export const migrateCommand: Command = {
  name: "migrate",
  summary: "change existing entries with a script",
  help: `flow migrate SCRIPT: runs a script over existing entries and saves what it changes.

  // rename-kind.ts
  import { defineMigration } from "flowcms/config";

  export default defineMigration({
    type: "article",
    where: { kind: { eq: "note" } },
    migrate: (entry) => ({ kind: "news" }),
  });

  flow migrate rename-kind.ts --dry-run       what would change, entry by entry
  flow migrate rename-kind.ts                 save it
  flow migrate rename-kind.ts --publish       and republish entries that had no unpublished changes

${CONNECTION_HELP}
  --type T          only entries of this type, when the script is for several
  --publish         republish what was published; otherwise changes stay drafts
  --dry-run         print the changes and save nothing
  --concurrency N   concurrent requests, 1 to 16 (4)
  --json            print the report and the changes as JSON
  --no-progress     no progress bar

The script gets the working copy of each entry, localised fields by locale, and returns the changed fields, or null.
Concurrent changes are not overwritten: the entry is read and migrated again. A migration can be run again.
Exit code: 0 done, 1 something failed, 2 the command was wrong.
`,
  run: runMigrate,
};

async function runMigrate(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONNECTION_OPTIONS,
      type: { type: "string" },
      publish: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      concurrency: { type: "string", default: "4" },
      json: { type: "boolean", default: false },
      "no-progress": { type: "boolean", default: false },
    },
  });
  const [script, extra] = positionals;
  if (script === undefined || extra !== undefined)
    throw new UsageError("Give one script: flow migrate SCRIPT");
  const concurrency = readConcurrency(values.concurrency);
  const migration = await loadMigration(script);
  const types = typesOf(migration, values.type);
  const client = connect(values);
  const progress = progressCount(!values["no-progress"] && !values["dry-run"], "entries read");
  const changes: EntryChange[] = [];
  const report = await runMigration({
    client,
    migration,
    types,
    isDryRun: values["dry-run"],
    publishes: values.publish,
    concurrency,
    onEntry(seen, change) {
      if (change && values.json) changes.push(change);
      if (change && !values.json) print(showChange(change));
      progress.draw(seen);
    },
  });
  progress.end();
  print(values.json ? `${JSON.stringify({ ...report, changes })}\n` : showReport(report));
  return report.ok ? 0 : 1;
}

async function loadMigration(script: string): Promise<Migration> {
  if (!existsSync(script)) throw new UsageError(`There is no file ${script}.`);
  const loaded = await loadModule(script);
  const migration = (loaded.default ?? loaded) as Partial<Migration>;
  if (typeof migration.migrate !== "function" || migration.type === undefined || migration.type.length === 0)
    throw new UsageError(`${script} must export { type, migrate(entry) }: see flow migrate --help.`);
  return migration as Migration;
}

function typesOf({ type }: Migration, wanted: string | undefined): string[] {
  const types = [type].flat();
  if (wanted === undefined) return types;
  if (!types.includes(wanted))
    throw new UsageError(`The script is not for entries of the type "${wanted}".${suggest(wanted, types)}`);
  return [wanted];
}

function showChange({ type, id, title, fields }: EntryChange): string {
  const lines = Object.entries(fields).flatMap(([field, { from, to }]) => [
    `  - ${field}: ${JSON.stringify(from)}`,
    `  + ${field}: ${JSON.stringify(to)}`,
  ]);
  return `${type} ${id}${title ? ` “${cutText(title, 60)}”` : ""}\n${lines.join("\n")}\n`;
}

function showReport(report: MigrationReport): string {
  const { seen, changed, unchanged, published, retried, failed } = report;
  const lines = failed.map(({ type, id, reason }) => `failed ${type} ${id}: ${reason}`);
  const what = report.dry_run ? "would change" : "changed";
  const more = [published > 0 ? `${published} published` : "", retried > 0 ? `${retried} tried again` : ""];
  lines.push(
    [
      `${seen} entries read, ${changed} ${what}, ${unchanged} unchanged`,
      ...more.filter(Boolean),
      `${failed.length} failed`,
    ].join(", "),
  );
  return `${lines.join("\n")}.\n`;
}
