import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { notFound, type AppError } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { calledNow } from "./schema-of-environment.ts";
import type { ContentType, TypeDefinition } from "./schemas.ts";
import type { Written } from "./write-definitions.ts";

const COLUMNS = sql.raw(`coalesce(type.authored, type.definition), type.version, cms_iso(type.created_at),
  cms_iso(type.updated_at)`);

/** Every content type of the environment, by id; there are at most 300. */
export async function listTypes(ctx: Context): Promise<ContentType[]> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from content_types type where ${inEnvironment(ctx, "type")} order by type.id`,
  );
  return rows.map(presentRow);
}

/** One content type; NOT_FOUND `types/not-found`. */
export async function getType(ctx: Context, input: { id: string }): Promise<ContentType> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from content_types type where ${inEnvironment(ctx, "type")} and type.id = ${input.id}`,
  );
  if (rows[0]) return presentRow(rows[0]);
  const { rows: renamed } = await ctx.db.read(
    sql`select type.id from content_types type where ${inEnvironment(ctx, "type")}
      and ${input.id} = any (type.former_ids) order by type.updated_at desc limit 1`,
  );
  throw noSuchType(input.id, renamed[0]?.[0] as string | undefined);
}

/** NOT_FOUND; `now` is the id of the type that was called so. */
export const noSuchType = (id: string, now: string | undefined): AppError =>
  notFound("types/not-found", `There is no content type "${id.slice(0, 64)}".${calledNow(now)}`);

const presentRow = ([definition, version, created_at, updated_at]: unknown[]): ContentType =>
  presentType(definition as TypeDefinition, { version, created_at, updated_at } as Written);

/** A content type as the API answers it: as it was written. */
export const presentType = (definition: TypeDefinition, written: Written): ContentType => ({
  ...definition,
  ...written,
});
