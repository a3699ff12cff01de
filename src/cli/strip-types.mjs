import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

/** Lets this package's TypeScript be loaded where it is installed: Node itself strips no types below node_modules. */
export function stripTypesOf(packageUrl) {
  silenceExperimentalWarnings();
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith(packageUrl) || !url.endsWith(".ts")) return nextLoad(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
      return { format: "module", source, shortCircuit: true };
    },
  });
}

function silenceExperimentalWarnings() {
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") for (const listener of listeners) listener(warning);
  });
}
