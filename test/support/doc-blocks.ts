import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

/** A block that the documentation marks as `run`, with the `answer` that follows it. */
export type DocBlock = { language: string; code: string; line: number; answer?: string };

/** The names of the pages. */
export const docPages = (): string[] => readdirSync(DOCS).filter((name) => name.endsWith(".md"));
/** The text of a page. */
export const docText = (page: string): string => readFileSync(`${DOCS}/${page}`, "utf8");

/** The blocks of a page that run, in order. */
export function docBlocks(page: string): DocBlock[] {
  const text = docText(page);
  const blocks: DocBlock[] = [];
  for (const { index, 1: language, 2: mark, 3: code } of text.matchAll(
    /^```(\w+) (run|answer)\n([\s\S]*?)^```$/gm,
  )) {
    if (mark === "run")
      blocks.push({ language: language!, code: code!, line: text.slice(0, index).split("\n").length });
    else blocks.at(-1)!.answer = code!.trim();
  }
  return blocks;
}

/** Runs a block with the environment that the page promises; answers what it printed. */
export async function runBlock({ language, code }: DocBlock, env: Record<string, string>): Promise<string> {
  const run = promisify(execFile);
  const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: 120_000 };
  switch (language) {
    case "sh":
      return (await run("bash", ["-euo", "pipefail", "-c", code.replace(/\bcurl /g, "curl -sS ")], options))
        .stdout;
    case "js":
      return (await run(process.execPath, ["--input-type=module", "-e", code], options)).stdout;
    case "graphql": {
      const response = await fetch(`${env["FLOW_URL"]}/api/v3/graphql`, {
        method: "POST",
        headers: { authorization: `Bearer ${env["FLOW_TOKEN"]}`, "content-type": "application/json" },
        body: JSON.stringify({ query: code }),
      });
      return response.text();
    }
    default:
      throw new Error(`Nobody knows how to run ${language}.`);
  }
}
