import { pathToFileURL } from "node:url";

// `npm run bench`: how fast it is; `npm run bench -- --growth`: what grows with types and tenants.
const part = process.argv.includes("--growth") ? "growth" : "bench";
await import(pathToFileURL(`${import.meta.dirname}/${part}.ts`).href);
