import { pathToFileURL } from "node:url";

// `npm run bench`: how fast it is; `-- --growth`: what grows with types and tenants; `-- --peers FILE`: beside others.
const parts = { "--growth": "growth", "--peers": "peers/run" };
const chosen = Object.entries(parts).find(([flag]) => process.argv.includes(flag));
await import(pathToFileURL(`${import.meta.dirname}/${chosen?.[1] ?? "bench"}.ts`).href);
