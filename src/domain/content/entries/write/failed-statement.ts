import type { Context, Row } from "../../../../core/context.ts";
import { expectationDetail } from "../../../../db/errors.ts";
import type { FailedStatement } from "../model/index.ts";

type Done = { schemaVersion: number | null; results: Row[][] };

/** The statement that did not do its work and failed its transaction; undefined for any other error. */
export function failedStatement(error: unknown): FailedStatement | undefined {
  const detail = expectationDetail(error);
  return detail === undefined ? undefined : (JSON.parse(detail) as FailedStatement);
}

/**
 * Results in place of those of a transaction that one of its statements failed: `explain` throws what its
 * columns say, or answers them, once they are read, and so not while the schema is an outdated one.
 */
export async function afterFailure(
  ctx: Context,
  failed: FailedStatement,
  explain: (failed: FailedStatement) => Row,
): Promise<Done> {
  const { schemaVersion } = await ctx.db.run([]);
  return {
    schemaVersion,
    get results(): Row[][] {
      return [[explain(failed)]];
    },
  };
}
