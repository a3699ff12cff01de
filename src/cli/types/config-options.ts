import { parseArgs } from "node:util";
import type { Client } from "../../sdk/index.ts";
import { UsageError } from "../command.ts";
import { connect, CONNECTION_OPTIONS } from "../connection.ts";
import { planModel, type CurrentType, type TypeChange } from "./plan.ts";
import { readModelFiles, TYPES_FOLDER, type Definition, type Model } from "./type-files.ts";
import { usageOf } from "./usage.ts";

export const CONFIG_HELP = `  --dir D           the folder of the types' files (${TYPES_FOLDER}); components are in \`components\` below it`;

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
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is one argument too many.`);
  return { ...values, client: connect(values) };
}

export type Comparison = { plan: TypeChange[]; wanted: Model; current: Model<CurrentType> };

/** What has to happen for the environment to have the types and components of the folder. */
export async function compare(client: Client, folder: string, keepsOthers: boolean): Promise<Comparison> {
  const wanted = await readModelFiles(folder);
  const [types, components] = await Promise.all([client.types.list(), client.components.list()]);
  const current = { types: types as CurrentType[], components: components as unknown as CurrentType[] };
  const compared = keepsOthers
    ? { types: among(current.types, wanted.types), components: among(current.components, wanted.components) }
    : current;
  const plan = await planModel(compared, wanted, usageOf(client, current.types));
  return { plan, wanted, current };
}

const among = (current: CurrentType[], wanted: Definition[]): CurrentType[] =>
  current.filter(({ id }) => wanted.some((one) => one.id === id));

export const isLosing = (plan: TypeChange[]): boolean => plan.some(({ risk }) => risk === "data-losing");
