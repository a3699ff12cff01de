import { existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { UsageError } from "../command.ts";
import { FILE_NAME } from "../ndjson/lines.ts";

/** Throws UsageError unless the folder is new, empty, or an earlier export that may be replaced. */
export function checkTarget(folder: string, mayReplace: boolean): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found) {
    if (!existsSync(dirname(resolve(folder))))
      throw new UsageError(`There is no folder ${dirname(resolve(folder))}.`);
    return;
  }
  if (!found.isDirectory()) throw new UsageError(`${folder} is a file.`);
  const names = readdirSync(folder);
  if (names.length === 0) return;
  const isExport = names.every((name) => name === FILE_NAME || name === "assets");
  if (!isExport) throw new UsageError(`${folder} contains other files: choose an empty folder.`);
  if (!mayReplace) throw new UsageError(`${folder} contains an export already: --force replaces it.`);
}

/**
 * Fills a temporary folder next to the target and renames it when it is complete; an error leaves the
 * target unchanged.
 */
export async function fillWhole<T>(target: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const path = resolve(target);
  let folder: string | undefined;
  const discard = async () => folder && rm(folder, { recursive: true, force: true });
  const stop = () => void discard().finally(() => process.exit(130));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    folder = mkdtempSync(`${dirname(path)}/.${basename(path)}-`);
    const result = await fill(folder);
    const old = `${folder}-old`;
    if (existsSync(path)) await rename(path, old);
    await rename(folder, path);
    await rm(old, { recursive: true, force: true });
    return result;
  } catch (error) {
    await discard();
    throw error;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}
