import type { Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { findViolations, type TypeStep } from "./find-violations.ts";
import { newHold, type Hold } from "./hold-writers.ts";
import { lostLocales } from "./localisation.ts";
import { refuseNamedByPolicies } from "./named-by-policies.ts";
import { planDefinitions, type DefinitionChange, type PlannedType, type Wanted } from "./plan-definitions.ts";
import { fieldsBefore } from "./renames.ts";
import { readDefinitions, type Definitions } from "./read-definitions.ts";
import { writeDefinitions, type Written } from "./write-definitions.ts";

const MAX_TRIES = 3;

export type Changed = {
  current: Definitions;
  change: DefinitionChange;
  written: { types: Map<string, Written>; components: Map<string, Written> };
};

/**
 * Changes definitions together, with what existing entries need for it: one transaction, one schema
 * version; from the second try on, the writers of the environment wait meanwhile. `choose` says what is
 * wanted of those that are there, and throws where that is impossible. A change that entries violate is
 * a CONFLICT `types/violated` that lists them. With `dryRun` all is checked and nothing written.
 */
export async function changeDefinitions(
  ctx: Context,
  choose: (current: Definitions) => Wanted,
  options: { allowDataLoss: boolean; dryRun?: boolean },
): Promise<Changed> {
  const hold = newHold(ctx);
  try {
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      if (attempt > 1) await hold.begin();
      const changed = await tryChange(ctx, choose, { ...options, hold });
      if (changed) return changed;
    }
  } finally {
    await hold.end();
  }
  throw new AppError(
    "UNAVAILABLE",
    "types/changing",
    "Entries of this type, or other definitions, are being written continuously: try again.",
  );
}

/** Undefined when what the change was planned by is not so any more. */
async function tryChange(
  ctx: Context,
  choose: (current: Definitions) => Wanted,
  options: { allowDataLoss: boolean; dryRun?: boolean; hold: Hold },
): Promise<Changed | undefined> {
  const current = await readDefinitions(ctx);
  const change = planDefinitions(current, choose(current));
  const nothing = { types: new Map<string, Written>(), components: new Map<string, Written>() };
  if (change.types.length + change.components.length === 0) return { current, change, written: nothing };
  const policies = await refuseNamedByPolicies(ctx, change);
  const found = await findViolations(ctx, change.types.flatMap(stepOf), {
    ...{ defaultLocale: current.defaultLocale, chains: current.chains },
    ...{ allowDataLoss: options.allowDataLoss, onPage: options.hold.renew },
  });
  for (const { stored, reshape } of options.allowDataLoss ? [] : change.types)
    if (stored && reshape) found.violations.push(...(await lostLocales(ctx, stored.id, reshape)));
  if (found.violations.length > 0) throw violated(change, found.violations);
  if (options.dryRun) return { current, change, written: nothing };
  const written = await writeDefinitions(ctx, current, change, { ...found, policies, hold: options.hold });
  return written && { current, change, written };
}

/** What is compared is under the ids that fields get: values follow them. */
const stepOf = ({ before, stored, definition, reshape }: PlannedType): TypeStep[] =>
  before && stored
    ? [
        {
          before: fieldsBefore(before.definition, reshape),
          after: definition,
          steps: reshape?.steps ?? [],
          storedAs: stored.id,
        },
      ]
    : [];

function violated({ types }: DefinitionChange, violations: { path: string; message: string }[]): AppError {
  const ids = types.map(({ authored }) => `"${authored.id}"`).join(", ");
  const message = `Existing entries of ${ids.slice(0, 200)} do not fit the new definition: ${violations[0]!.path} ${violations[0]!.message}.`;
  return new AppError("CONFLICT", "types/violated", message, { details: violations });
}
