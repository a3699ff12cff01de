import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * A real file of somebody else's, below the folder that FLOW_SHARED names: undefined where there is
 * none, and the test on it is skipped. The same rules are tested on fixtures of this repository.
 */
export function sharedFile(path: string): string | undefined {
  const folder = process.env["FLOW_SHARED"];
  if (!folder) return undefined;
  const found = join(resolve(folder), path);
  return existsSync(found) ? found : undefined;
}
