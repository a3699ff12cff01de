import type { Context, Row } from "../../../../core/context.ts";
import type { Taken } from "../refusals.ts";
import { unfitOf, type Missing } from "./broken-references.ts";
import type { Unfit } from "./fit-entry.ts";
import { readVerdict } from "./guard-writes.ts";

/**
 * What forbids a save that may otherwise be done: unique values that are taken, and what the targets
 * that are missing are.
 */
export type Forbidden = { taken?: Taken[]; missing?: Map<string, Unfit> };

export function readForbidden(ctx: Context, row: Row): Forbidden | undefined {
  const [, , taken, missing, outboxId, , , ...rest] = row as [
    unknown,
    unknown,
    Taken[] | null,
    Missing[] | null,
    string | null,
    unknown,
    unknown,
    ...unknown[],
  ];
  if (outboxId || (!taken && !missing) || readVerdict(ctx, rest).isRefused) return undefined;
  return {
    ...(taken ? { taken } : {}),
    ...(missing ? { missing: unfitOf(missing) } : {}),
  };
}
