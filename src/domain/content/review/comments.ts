import { sql } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { invalid, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { grantedEntry, noSuchEntry } from "../entries/index.ts";
import { accessOf, fieldNotReadable, isWhollyGranted } from "../grants/index.ts";
import { record } from "../../tenant/events/index.ts";
import { notify } from "../../tenant/notifications/index.ts";
import type { Comment, NewComment } from "./schemas.ts";
import { schemaOf, typeOf, withSchema, type EnvironmentSchema } from "../types/index.ts";

type Of = { type: string; id: string };
const COLUMNS = sql`comment.id, comment.entry_id, comment.field, comment.body, comment.mentions,
  cms_iso(comment.created_at), comment.created_by,
  cms_iso(comment.resolved_at), comment.resolved_by`;
const ofEntry = (ctx: Context, id: string) =>
  sql`${inEnvironment(ctx, "comment")} and comment.entry_id = ${id}`;
const isEntry = (ctx: Context, { type, id }: Of, seen = sql``) =>
  sql`exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${id}
    and entry.type = ${type}${seen})`;

/**
 * Comments on an entry or one of its fields and notifies the mentioned. Throws FORBIDDEN
 * `access/field-not-readable` for a field that the actor may not read.
 */
export async function createComment(ctx: Context, input: Of & { comment: NewComment }): Promise<Comment> {
  const seen = await grantedEntry(ctx, "entry", "content:read-draft", []);
  const { comment } = input;
  return withSchema(ctx, {
    plan(schema) {
      const type = typeOf(schema, input.type);
      const field = comment.field?.split(/[.[]/)[0];
      if (field !== undefined && !type.fields.has(field))
        throw invalid("review/invalid-comment", "The comment's field does not exist in the type.", [
          { path: "field", message: `names no field of ${type.id}.${didYouMean(field, type.fields.keys())}` },
        ]);
      if (field !== undefined && !shownIn(ctx, schema, type.id)(field))
        throw fieldNotReadable(type.id, field, "field");
      return sql`with saved as (insert into comments as comment (tenant_id, environment_id, id, entry_id,
        field, body, mentions, created_by)
          select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${newId("cmt", ctx.now().getTime())},
            ${input.id}, ${comment.field ?? null}, ${comment.body},
            ${JSON.stringify(comment.mentions)}::jsonb, ${ctx.actor.id} where ${isEntry(ctx, input, seen)}
            and exists (select 1 from environments where tenant_id = ${ctx.tenantId}::uuid
            and id = ${ctx.environmentId}::uuid and schema_version = ${schema.version}::int)
            returning comment.*),
        ${notify(ctx, {
          kind: "comment.mention",
          from: sql`saved`,
          persons: sql`select jsonb_array_elements_text(saved.mentions)`,
          subject: sql`'entry:' || saved.entry_id`,
          payload: sql`jsonb_build_object('comment', saved.id, 'field', saved.field, 'by', saved.created_by)`,
        })},
        ${record(ctx, {
          event: "comment.created",
          from: sql`saved`,
          subject: sql`'entry:' || saved.entry_id`,
          payload: sql`jsonb_build_object('id', saved.id, 'entry', saved.entry_id)`,
        })}
        select (select id::text from event_row), ${COLUMNS} from saved comment`;
    },
    run: (statement) => ctx.db.run([statement], { write: true }),
    read({ results }) {
      const row = results[0]![0];
      if (!row) throw noSuchEntry(input.type, input.id);
      ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
      return present(row.slice(1));
    },
  });
}

/** The comments on an entry, in order. */
export async function listComments(ctx: Context, input: Of & { limit: number }): Promise<Comment[]> {
  const seen = await grantedEntry(ctx, "entry", "content:read-draft", []);
  const { rows } = await ctx.db.read(sql`select ${isEntry(ctx, input, seen)}, ${COLUMNS} from (select 1) one
    left join (select * from comments comment where ${ofEntry(ctx, input.id)} order by comment.id
    limit ${input.limit}::int) comment on true order by comment.id`);
  if (!rows[0]![0]) throw noSuchEntry(input.type, input.id);
  const isShown = await commentFilter(ctx, input.type);
  return rows.flatMap((row) => (row[1] !== null && isShown(row[3]) ? [present(row.slice(1))] : []));
}

/**
 * Marks a comment as dealt with, or open again. NOT_FOUND for one on a field that the actor may not
 * read.
 */
export async function resolveComment(
  ctx: Context,
  input: Of & { comment: string; isResolved: boolean },
): Promise<Comment> {
  const seen = await grantedEntry(ctx, "entry", "content:read-draft", []);
  if (ctx.actor.grants !== undefined) {
    const { rows } = await ctx.db.read(
      sql`select comment.field from comments comment where ${ofEntry(ctx, input.id)}
        and comment.id = ${input.comment}`,
    );
    const isShown = await commentFilter(ctx, input.type);
    if (!rows[0] || !isShown(rows[0][0])) throw noSuchComment(input.comment);
  }
  const { results } = await ctx.db.run(
    [
      sql`update comments comment set resolved_at =
        ${input.isResolved ? sql`coalesce(comment.resolved_at, now())` : sql`null`},
        resolved_by = ${input.isResolved ? sql`coalesce(comment.resolved_by, ${ctx.actor.id})` : sql`null`}
      where ${ofEntry(ctx, input.id)} and comment.id = ${input.comment} and ${isEntry(ctx, input, seen)}
      returning ${COLUMNS}`,
    ],
    { write: true },
  );
  if (!results[0]![0]) throw noSuchComment(input.comment);
  return present(results[0]![0]);
}

/** Takes a comment back: the one who made it, or an admin. */
export async function deleteComment(ctx: Context, input: Of & { comment: string }): Promise<void> {
  const seen = await grantedEntry(ctx, "entry", "content:read-draft", []);
  const isAdmin = ctx.actor.scopes.includes("admin") && ctx.actor.grants === undefined;
  const { results } = await ctx.db.run(
    [
      sql`delete from comments comment where ${ofEntry(ctx, input.id)} and comment.id = ${input.comment}
        and ${isEntry(ctx, input, seen)}
        and (comment.created_by = ${ctx.actor.id} or ${isAdmin}::boolean) returning comment.id`,
    ],
    { write: true },
  );
  if (!results[0]![0]) throw noSuchComment(input.comment);
}

/** Comments on fields that the actor may not read whole in every entry are not theirs to read either. */
async function commentFilter(ctx: Context, typeId: string): Promise<(field: unknown) => boolean> {
  return ctx.actor.grants === undefined ? () => true : shownIn(ctx, await schemaOf(ctx), typeId);
}

function shownIn(ctx: Context, schema: EnvironmentSchema, typeId: string): (field: unknown) => boolean {
  const access = accessOf(ctx, schema);
  if (!access) return () => true;
  const type = typeOf(schema, typeId);
  const locales = [...schema.chains.keys()];
  return (field) =>
    typeof field !== "string" ||
    isWhollyGranted(access, type, "content:read-draft", field.split(/[.[]/)[0]!, locales);
}

const noSuchComment = (id: string) =>
  notFound("review/no-such-comment", `There is no comment "${id.slice(0, 64)}" by you on this entry.`);

function present(row: Row): Comment {
  const names = "id entry field body mentions created_at created_by resolved_at resolved_by".split(" ");
  return Object.fromEntries(names.map((name, i) => [name, row[i]])) as Comment;
}
