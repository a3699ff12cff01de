import { parseArgs } from "node:util";
import { call, dataOf, type Connection } from "../api.ts";
import { UsageError } from "../command.ts";
import { CONNECTION_OPTIONS, findConnection } from "../connection.ts";
import { planTypes, type CurrentType, type TypeChange } from "./plan.ts";
import { readTypeFiles, TYPES_FOLDER, type Definition } from "./type-files.ts";
import { usageOf } from "./usage.ts";

export const CONFIG_HELP = `  --dir D           the folder of the types' files (${TYPES_FOLDER})`;

const FLAGS = {
  check: { type: "boolean", default: false },
  "allow-data-loss": { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  "keep-others": { type: "boolean", default: false },
  format: { type: "string", default: "ts" },
} as const;

/** Reads the options of pull, diff and push; each names those of its own. */
export function readConfigOptions(args: string[], own: (keyof typeof FLAGS)[]) {
  const flags = Object.fromEntries(own.map((name) => [name, FLAGS[name]])) as unknown as typeof FLAGS;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONNECTION_OPTIONS,
      ...flags,
      dir: { type: "string", default: TYPES_FOLDER },
      json: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is too much here.`);
  return { ...values, connection: findConnection(values) };
}

export type Comparison = { plan: TypeChange[]; wanted: Definition[]; current: CurrentType[] };

/** What has to happen for the environment to have the types of the folder. */
export async function compare(
  connection: Connection,
  folder: string,
  keepsOthers: boolean,
): Promise<Comparison> {
  const wanted = await readTypeFiles(folder);
  const current = await readTypes(connection);
  const compared = keepsOthers ? current.filter(({ id }) => wanted.some((one) => one.id === id)) : current;
  const plan = await planTypes(compared, wanted, usageOf(connection, current));
  return { plan, wanted, current };
}

/** The types of the environment. */
export const readTypes = async (connection: Connection): Promise<CurrentType[]> =>
  dataOf<CurrentType[]>(await call(connection, "GET", "/types"));

export const isLosing = (plan: TypeChange[]): boolean => plan.some(({ risk }) => risk === "data-losing");
