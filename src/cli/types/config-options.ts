import { parseArgs } from "node:util";
import type { Client } from "../../sdk/index.ts";
import { UsageError } from "../command.ts";
import { connect, CONNECTION_OPTIONS } from "../connection.ts";
import { leftToRename, underNewIds, type OldIds } from "./new-ids.ts";
import { planModel, type CurrentType, type TypeChange } from "./plan.ts";
import { readModelFiles, TYPES_FOLDER, type Definition, type Model } from "./type-files.ts";
import { splitRenames, type Renames } from "./renames.ts";
import { usageOf, type LocaleRules } from "./usage.ts";

export const CONFIG_HELP = `  --dir D           the folder of the types' files (${TYPES_FOLDER}); components are in \`components\` below it`;
export const MOVES_HELP = `  --rename T.A=B    the field B of the type or component T is the former A; also \`renames\` in its file.
                    Paths move fields into components and out of them: post.seo_title=seo.title
  --rename A=B      the type or component B is the former A; also \`rename_from\` in its file
  --localize L      the values of fields that become localised are those of the \`default\` locale, or of \`all\`
  --unlocalize L    fields that are localised no more keep the value of the \`default\` locale`;

const FLAGS = {
  check: { type: "boolean", default: false },
  "allow-data-loss": { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  "keep-others": { type: "boolean", default: false },
  format: { type: "string", default: "ts" },
} as const;

/** What becomes of values, where the files alone do not say it. */
const MOVES = {
  rename: { type: "string", multiple: true },
  localize: { type: "string" },
  unlocalize: { type: "string" },
} as const;
export type Moves = { rename?: string[]; localize?: string; unlocalize?: string };

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
      ...(own.includes("keep-others") ? { ...MOVES } : {}),
      json: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is one argument too many.`);
  return { ...values, client: connect(values) };
}

export type Comparison = {
  plan: TypeChange[];
  wanted: Model;
  current: Model<CurrentType>;
  renames: Renames;
  locales: LocaleRules;
  oldIds: OldIds;
};

/** What has to happen for the environment to have the types and components of the folder. */
export async function compare(
  client: Client,
  folder: string,
  keepsOthers: boolean,
  moves: Moves,
): Promise<Comparison> {
  const flags = moves.rename ?? [];
  const { model: wanted, renames, ...given } = splitRenames(await readModelFiles(folder), flags);
  const locales = localeRules(moves);
  const [types, components] = await Promise.all([client.types.list(), client.components.list()]);
  const stored = { types: types as CurrentType[], components: components as unknown as CurrentType[] };
  const oldIds = leftToRename(stored, given.oldIds, flags);
  const current = underNewIds(stored, oldIds);
  const compared = keepsOthers
    ? { types: among(current.types, wanted.types), components: among(current.components, wanted.components) }
    : current;
  const plan = await planModel(
    compared,
    wanted,
    usageOf(client, stored.types, locales, oldIds),
    renames,
    oldIds,
  );
  return { plan, wanted, current, renames, locales, oldIds };
}

function localeRules({ localize, unlocalize }: Moves): LocaleRules {
  if (localize !== undefined && localize !== "default" && localize !== "all")
    throw new UsageError("--localize must be default or all.");
  if (unlocalize !== undefined && unlocalize !== "default")
    throw new UsageError("--unlocalize must be default.");
  return { localize, unlocalize };
}

const among = (current: CurrentType[], wanted: Definition[]): CurrentType[] =>
  current.filter(({ id }) => wanted.some((one) => one.id === id));

export const isLosing = (plan: TypeChange[]): boolean => plan.some(({ risk }) => risk === "data-losing");
