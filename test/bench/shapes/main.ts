import { parseArgs } from "node:util";
import { measureShapes } from "./run.ts";

const { values: options } = parseArgs({
  options: {
    shapes: { type: "boolean" },
    entries: { type: "string", default: "10000" },
    only: { type: "string" },
  },
});
const server = process.env["DATABASE_URL"];
if (!server) throw new Error("DATABASE_URL is not set: the shapes need a Postgres server of their own.");
await measureShapes(server, Number(options.entries), options.only);
process.exit(0);
