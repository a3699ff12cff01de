import { resolve } from "node:path";

/** The names that a module of somebody's project may end in. */
export const MODULES = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

type Exports = Record<string, unknown> & { default?: unknown };

/**
 * What a module of somebody's project exports: TypeScript or JavaScript, written with `import` or
 * with `require`, whatever the project's `type` and this Node make of the file. The error names the
 * file.
 */
export async function loadModule(path: string): Promise<Exports> {
  try {
    // Most commands need no loader.
    const { createJiti } = await import("jiti");
    const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false });
    return await jiti.import<Exports>(resolve(path));
  } catch (error) {
    throw new Error(`${path} cannot be loaded`, { cause: error });
  }
}
