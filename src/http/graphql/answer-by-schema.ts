import type { Context } from "../../core/context.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../domain/content/types/index.ts";
import { refusing } from "./answer-over-http.ts";
import type { BuiltSchema } from "./build-schema.ts";
import { executeByYoga, type PreparedOperation } from "./execute.ts";
import { outcomeOf, type Outcome } from "./graphql-errors.ts";
import { builtSchema } from "./prepared-documents.ts";
import type { RequestState } from "./request-state.ts";

/**
 * Plans by the schema in memory. A query is answered again when its own reading has shown that the
 * schema is another one by now; what does not fit the schema, or has read nothing, finds that out by
 * asking.
 */
export async function answerBySchema(
  ctx: Context,
  state: RequestState,
  prepare: (planned: { schema: EnvironmentSchema; built: BuiltSchema }) => Promise<PreparedOperation>,
  rootValue?: unknown,
): Promise<Outcome> {
  const run = (schema: EnvironmentSchema) => {
    const built = builtSchema(ctx, schema);
    state.objectName = built.objectName;
    state.found.isInvalid = false;
    return refusing(
      async () =>
        outcomeOf(
          await executeByYoga(await prepare({ schema, built }), { state, built, rootValue }),
          state.found.stage,
        ),
      () => (state.found.isInvalid = true),
    );
  };
  const schema = await schemaOf(ctx);
  const outcome = await run(schema);
  if (state.found.hasWritten || state.found.quota === "used-up") return outcome;
  const hasRead = state.tags.size > 1 || !state.found.isCacheable;
  if (!state.found.isInvalid && hasRead) {
    const current = await schemaOf(ctx);
    return current === schema ? outcome : run(current);
  }
  return withSchema(ctx, {
    plan: (current) => current,
    run: async (current) => {
      const { schemaVersion } = await ctx.db.run([]);
      return { schemaVersion, outcome: current === schema ? outcome : await run(current) };
    },
    read: (done) => done.outcome,
  });
}
