import { importContentful } from "../contentful/import-contentful.ts";
import type { Client } from "../../sdk/index.ts";
import { UsageError } from "../command.ts";
import { CONNECTION_HELP } from "../connection.ts";
import { importNdjson } from "../ndjson/import-ndjson.ts";
import { importWxr } from "../wxr/import-wxr.ts";
import type { ImportReport } from "./report.ts";

export type ImportInput = {
  /** The file or folder to read. */
  path: string;
  /** Where to; only a plan is made when absent. */
  client: Client | undefined;
  concurrency: number;
  onProgress: (done: number, total: number) => void;
  /** The format's own options. */
  options: Record<string, string | boolean | string[] | undefined>;
};
/**
 * What `flow import` reads: its options beyond those that every import has, its help page, and how it
 * is imported.
 */
export type ImportFormat = {
  what: string;
  takes: "FILE" | "DIR";
  options: Record<string, { type: "string" | "boolean"; multiple?: boolean }>;
  help: string;
  run: (input: ImportInput) => Promise<ImportReport>;
};

const COMMON_HELP = `${CONNECTION_HELP}
  --concurrency N   concurrent requests, 1 to 16 (4)
  --dry-run         print the report and change nothing
  --json            print the report as JSON
  --no-progress     no progress bar

Importing again changes nothing that is the same; a run that was interrupted continues where it stopped.
Exit code: 0 everything imported, 1 something failed, 2 the command was wrong.
`;

const wxr: ImportFormat = {
  what: "a WordPress export (WXR)",
  takes: "FILE",
  options: {},
  help: `flow import wxr FILE: imports a WordPress export.

  flow import wxr site.xml                                into the FlowCMS that \`npm start\` runs here
  flow import wxr site.xml --dry-run                      print what would be done, and do nothing
  flow import wxr site.xml --url https://cms.example.com --token flow_admin_…

${COMMON_HELP}`,
  run: ({ path, client, concurrency, onProgress }) =>
    importWxr({ file: path, client, concurrency, onProgress }),
};

const contentful: ImportFormat = {
  what: "a Contentful export",
  takes: "FILE",
  options: {
    assets: { type: "string" },
    published: { type: "string" },
    "publish-changed": { type: "boolean" },
    "map-locale": { type: "string", multiple: true },
  },
  help: `flow import contentful FILE: brings a file of \`contentful space export\` in: types, locales, entries, assets.

  contentful space export --space-id ID --include-drafts --include-archived --download-assets
  flow import contentful contentful-export-ID.json --dry-run   print what would be done, and do nothing
  flow import contentful contentful-export-ID.json             into the FlowCMS that \`npm start\` runs here
  flow import contentful export.json --assets downloads        files of assets from another folder
  flow import contentful export.json --published delivery.json entries that were changed since they were
                                                               published, with what is published

  --assets DIR      where the assets' files are (the folder of FILE): images.ctfassets.net/… or by file name
  --published FILE  an export made with --delivery-token: what is published of entries changed since
  --publish-changed publish the changed values of such entries (without either they are kept as drafts)
  --map-locale L=C  what a locale is called here, such as en-US=en; may be given for several
${COMMON_HELP}`,
  run: ({ path, options, ...input }) =>
    importContentful({
      ...input,
      file: path,
      assets: options["assets"] as string | undefined,
      published: options["published"] as string | undefined,
      publishesChanged: options["publish-changed"] === true,
      locales: new Map(((options["map-locale"] ?? []) as string[]).map(readPair)),
    }),
};

function readPair(text: string): [string, string] {
  const [from, to, more] = text.split("=");
  if (from && to && more === undefined) return [from, to];
  throw new UsageError("--map-locale must be like en-US=en.");
}

const ndjson: ImportFormat = {
  what: "a folder that flow export wrote",
  takes: "DIR",
  options: {},
  help: `flow import ndjson DIR: imports a folder of \`flow export\`, with the same ids, into any environment.

  flow export backup --environment main
  flow import ndjson backup --environment restored
  flow import ndjson backup --dry-run                     check the folder and count its contents

${COMMON_HELP}
An empty environment becomes identical to the exported one: exporting it gives the same bytes. In one that has content, types
and entries with the same ids become those of the folder, and others stay.
`,
  run: ({ path, client, concurrency, onProgress }) =>
    importNdjson({ folder: path, client, concurrency, onProgress }),
};

/** Every format, by the name it has on the command line. */
export const FORMATS: Readonly<Record<string, ImportFormat>> = { wxr, contentful, ndjson };
