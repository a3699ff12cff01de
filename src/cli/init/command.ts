import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import type { Command } from "../command.ts";
import { print } from "../terminal.ts";

const FILES = {
  "flow/types/page.ts": `import { defineType } from "flowcms/config";

export default defineType({
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", required: true, max: 120 },
    { id: "slug", type: "slug", required: true },
    { id: "body", type: "rich_text" },
    { id: "image", type: "media" },
  ],
});
`,
  ".env.example": `# Copy to .env. Do not commit that file.
FLOW_URL=http://127.0.0.1:8787
FLOW_TOKEN=
FLOW_ENVIRONMENT=
`,
};

export const initCommand: Command = {
  name: "init",
  summary: "start a project: an example type and .env file",
  help: `flow init: writes ${Object.keys(FILES).join(" and ")} into this folder. Existing files are not changed.

  flow init
  flow types push --keep-others     create the type of flow/types/page.ts

  --json            print what was written as JSON
`,
  async run(args) {
    const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
    const written: string[] = [];
    const kept: string[] = [];
    for (const [path, text] of Object.entries(FILES)) (writeNew(path, text) ? written : kept).push(path);
    if (values.json) return print(`${JSON.stringify({ written, kept })}\n`);
    const lines = [...written.map((path) => `wrote ${path}`), ...kept.map((path) => `left ${path}`)];
    return print(`${lines.join("\n")}\n\nNext: flow login, then flow types push --keep-others\n`);
  },
};

/** Whether the file was not there and is now. */
function writeNew(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
