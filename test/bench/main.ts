import { pathToFileURL } from "node:url";

/** What `npm run bench` measures beside its table, by the option that asks for it. */
const PARTS: Record<string, string> = {
  "--growth": "growth/main",
  "--shapes": "shapes/main",
  "--faults": "faults/main",
  "--soak": "soak",
  "--cache-property": "cache-property",
  "--peers": "peers/run",
  "--releases": "releases",
  "--webhooks": "webhooks",
  "--live": "live",
};
const asked = Object.keys(PARTS).find((option) => process.argv.includes(option));
const part = asked === undefined ? "bench" : PARTS[asked]!;
await import(pathToFileURL(`${import.meta.dirname}/${part}.ts`).href);
