import type { SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { pokeWritten, writtenEvents } from "../../../tenant/events/index.ts";
import { lockEnvironment } from "../../types/index.ts";
import type { Must, TreeRefusal } from "../model/index.ts";
import { outOfTree } from "../refusals.ts";
import { afterFailure, failedStatement } from "./failed-statement.ts";

/** The row of the statement, also after an error; reading it throws the reason why an edit failed. */
type Done = { schemaVersion: number | null; row: Row };

export const EDIT: Must = { index: 0 };
const LAST: Must = { index: 1 };

/**
 * Takes an entry away in one transaction with what is done before to the entries that refer to it:
 * all of it or nothing. The statement is made with `must` where there are edits.
 */
export async function runAfterEdits(
  ctx: Context,
  edits: SQL[],
  statement: (must?: Must) => SQL,
): Promise<Done> {
  if (edits.length === 0) {
    const { schemaVersion, results } = await ctx.db.run([lockEnvironment(ctx), statement()]);
    return { schemaVersion, row: results[1]![0]! };
  }
  try {
    const batch = [lockEnvironment(ctx), ...edits, writtenEvents(ctx), statement(LAST)];
    const { schemaVersion, results } = await ctx.db.run(batch);
    pokeWritten(ctx, results.at(-2)!);
    return { schemaVersion, row: results.at(-1)![0]! };
  } catch (error) {
    const failed = failedStatement(error);
    if (!failed) throw error;
    const done = await afterFailure(ctx, failed, ({ index, row }) => {
      if (index === LAST.index) return row;
      const refused = row.find((one): one is TreeRefusal => Object.hasOwn(Object(one), "tree"));
      throw refused ? outOfTree("on_reference", refused) : error;
    });
    return {
      schemaVersion: done.schemaVersion,
      get row(): Row {
        return done.results[0]![0]!;
      },
    };
  }
}
