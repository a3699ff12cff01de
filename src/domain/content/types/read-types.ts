import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { notFound } from "../../../core/errors.ts";
import { presentType } from "./save-type.ts";
import type { ContentType } from "./schemas.ts";

/** Every content type of the environment, by id; there are at most 300. */
export async function listTypes(ctx: Context): Promise<ContentType[]> {
  const { rows } = await ctx.db
    .read(sql`select definition, version, cms_iso(created_at), cms_iso(updated_at) from content_types
    where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid order by id`);
  return rows.map(presentType);
}

/** One content type; NOT_FOUND `types/not-found`. */
export async function getType(ctx: Context, input: { id: string }): Promise<ContentType> {
  const { rows } = await ctx.db
    .read(sql`select definition, version, cms_iso(created_at), cms_iso(updated_at) from content_types
    where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid
    and id = ${input.id}`);
  if (!rows[0]) throw notFound("types/not-found", `There is no content type "${input.id.slice(0, 64)}".`);
  return presentType(rows[0]);
}
