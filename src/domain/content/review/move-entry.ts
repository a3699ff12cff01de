import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { grantedEntry, noSuchEntry, seenEntry } from "../entries/index.ts";
import { notGranted } from "../grants/index.ts";
import { textArray } from "../../../db/text-array.ts";
import { notify } from "../../tenant/notifications/index.ts";
import { record } from "../../tenant/events/index.ts";
import type { Standing } from "./schemas.ts";
import { typeOf, withSchema, type CompiledType } from "../types/index.ts";

/** So many people are notified of one move. */
const MAX_REVIEWERS = 50;

const isIt = (ctx: Context, id: string, type: string) =>
  sql`${inEnvironment(ctx, "entry")} and entry.id = ${id} and entry.type = ${type}`;

/**
 * Moves an entry to another stage of its type's review. Throws FORBIDDEN `review/not-yours` for a
 * stage that the actor may not move entries to, CONFLICT `review/wrong-stage` when it may not come
 * from where it is.
 */
export async function moveEntry(
  ctx: Context,
  input: { type: string; id: string; stage: string; version?: number | undefined },
): Promise<Standing> {
  const { stage: wanted, version } = input;
  const [seen, granted] = await guards(ctx);
  return withSchema(ctx, {
    plan(schema) {
      const type = typeOf(schema, input.type);
      const { stages } = reviewOf(type);
      const stage = stages.find((one) => one.id === wanted);
      if (!stage)
        throw invalid("review/unknown-stage", `${type.id} has no stage "${wanted}".`, [
          {
            path: "stage",
            message: `must be a stage of the type.${didYouMean(
              wanted,
              stages.map(({ id }) => id),
            )}`,
          },
        ]);
      if (stage.by && !stage.by.some((one) => namesOf(ctx).includes(one)))
        throw new AppError(
          "FORBIDDEN",
          "review/not-yours",
          `Only ${stage.by.join(", ")} may move an entry to ${stage.id}.`,
        );
      const first = stages[0]!.id;
      const statement = sql`with
        before as (select coalesce(stage, ${first}) as stage, version from entries entry
          where ${isIt(ctx, input.id, type.id)}${seen}),
        saved as (update entries entry set stage = ${stage.id}
          where ${isIt(ctx, input.id, type.id)}${granted}
          and entry.version = coalesce(${version ?? null}::int, entry.version)
          and (${JSON.stringify(stage.from ?? stages.map(({ id }) => id))}::jsonb ? coalesce(entry.stage,
            ${first}))
          and exists (select 1 from environments where tenant_id = ${ctx.tenantId}::uuid
          and id = ${ctx.environmentId}::uuid and schema_version = ${schema.version}::int)
          returning entry.*),
        ${notify(ctx, {
          kind: "review.requested",
          from: sql`saved`,
          persons: reviewers(ctx, stages, stage.id),
          subject: sql`'entry:' || saved.id`,
          payload: sql`jsonb_build_object('type', saved.type, 'stage', saved.stage, 'by', ${ctx.actor.id}::text)`,
        })},
        ${record(ctx, {
          event: "entry.moved",
          from: sql`saved`,
          subject: sql`'entry:' || saved.id`,
          payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version,
            'stage', saved.stage)`,
          meta: sql`jsonb_build_object('from', (select stage from before), 'to', saved.stage)`,
        })}
        select (select id::text from event_row), before.stage, before.version, saved.assignee
        from (select 1) one left join before on true left join saved on true`;
      return { type, stage, first, statement };
    },
    run: ({ statement }) => ctx.db.run([statement], { write: true }),
    read({ results }, _schema, { type, stage }) {
      const [outboxId, from, current, assignee] = results[0]![0]!;
      if (from === null) throw noSuchEntry(type.id, input.id);
      if (outboxId === null && version !== undefined && version !== current)
        throw new AppError(
          "CONFLICT",
          "content/version-conflict",
          `The entry is at version ${current as number}, not ${version}.`,
          {
            details: [{ path: "version", message: `is ${current as number} now`, current_version: current }],
          },
        );
      if (outboxId === null && ctx.actor.grants && isReachable(stage.from, from as string))
        throw notGranted("content:write", `the ${type.id} ${input.id}`);
      if (outboxId === null)
        throw new AppError(
          "CONFLICT",
          "review/wrong-stage",
          `An entry cannot move from ${from as string} to ${stage.id}.`,
          {
            details: [{ path: "stage", message: `can be reached from ${(stage.from ?? []).join(", ")}` }],
          },
        );
      ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
      return {
        id: input.id,
        type: type.id,
        version: current as number,
        stage: stage.id,
        assignee: assignee as string | null,
      };
    },
  });
}

/** Who is to act upon an entry in a stage: its assignee, and whoever alone may move it on from there. */
function reviewers(ctx: Context, stages: ReturnType<typeof reviewOf>["stages"], stage: string): SQL {
  const by = stages.flatMap((one) => (one.from?.includes(stage) ? (one.by ?? []) : []));
  return sql`select nullif(saved.assignee, ${ctx.actor.id}) union
    (select person_id from members where tenant_id = ${ctx.tenantId}::uuid and suspended_at is null
      and person_id <> ${ctx.actor.id}
      and (roles && ${textArray(by)} or person_id = any (${textArray(by)}))
      order by person_id limit ${MAX_REVIEWERS}::int)`;
}

/** Assigns an entry to a person or token by id and notifies them; null removes the assignment. */
export async function assignEntry(
  ctx: Context,
  input: { type: string; id: string; assignee: string | null },
): Promise<Standing> {
  const { assignee } = input;
  const [seen, granted] = await guards(ctx);
  return withSchema(ctx, {
    plan(schema) {
      const type = typeOf(schema, input.type);
      const first = reviewOf(type).stages[0]!.id;
      const statement = sql`with saved as (update entries entry set assignee = ${assignee}
        where ${isIt(ctx, input.id, type.id)}${granted} returning entry.*),
        seen as (select 1 from entries entry where ${isIt(ctx, input.id, type.id)}${seen}),
        ${notify(ctx, {
          kind: "entry.assigned",
          from: sql`saved`,
          persons: sql`select nullif(saved.assignee, ${ctx.actor.id})`,
          subject: sql`'entry:' || saved.id`,
          payload: sql`jsonb_build_object('type', saved.type, 'by', ${ctx.actor.id}::text)`,
        })},
        ${record(ctx, {
          event: "entry.assigned",
          from: sql`saved`,
          subject: sql`'entry:' || saved.id`,
          payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version,
            'assignee', saved.assignee)`,
        })}
        select (select id::text from event_row), saved.version, coalesce(saved.stage, ${first}) from seen
        left join saved on true`;
      return { type, statement };
    },
    run: ({ statement }) => ctx.db.run([statement], { write: true }),
    read({ results }, _schema, { type }) {
      const row = results[0]![0];
      if (!row) throw noSuchEntry(type.id, input.id);
      if (row[0] === null) throw notGranted("content:write", `the ${type.id} ${input.id}`);
      ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
      return { id: input.id, type: type.id, version: row[1] as number, stage: row[2] as string, assignee };
    },
  });
}

/**
 * What a stage may call the actor. A scope that roles narrow is no name: tokens of people hold every
 * scope.
 */
const namesOf = ({ actor: { id, scopes, roles = [], grants } }: Context): readonly string[] =>
  grants === undefined ? [id, ...scopes, ...roles] : [id, ...roles];

/** ` and …` for entries that the actor may read, and for those that they may change. */
const guards = (ctx: Context) =>
  Promise.all([seenEntry(ctx, "entry"), grantedEntry(ctx, "entry", "content:write", [])]);

const isReachable = (from: readonly string[] | undefined, stage: string) => !from || from.includes(stage);

function reviewOf(type: CompiledType) {
  const { review } = type.definition;
  if (review) return review;
  throw invalid(
    "review/none",
    `Entries of ${type.id} are not reviewed: add a "review" with stages to the type.`,
  );
}
