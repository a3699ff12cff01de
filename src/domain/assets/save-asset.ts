import { sql } from "drizzle-orm";
import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { invalid } from "../../core/errors.ts";
import { isId, newId } from "../../core/ids.ts";
import { parseInput } from "../../core/parse-input.ts";
import { requirePermission } from "../../core/permissions.ts";
import { record } from "../events/index.ts";
import { ASSET_COLUMNS, presentAsset, type Asset } from "./read-assets.ts";

const clean = (text: string) => text.isWellFormed() && !text.includes("\0");
const Text = (most: number) =>
  z.string().max(most).refine(clean, "must be valid Unicode without NUL characters").nullish();

export const RemoteAsset = z.strictObject({
  source_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .refine(clean),
  filename: Text(255),
  mime: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/)
    .max(127)
    .nullish(),
  title: Text(1000),
  alt: Text(2000),
  caption: Text(5000),
  description: Text(20_000),
  created_at: z.iso.datetime({ offset: true }).optional(),
});

export type AssetOutcome = { asset: Asset; outcome: "created" | "updated" | "unchanged" };

/** Registers an asset that lives at a URL: FlowCMS keeps what is known about it, not its bytes. */
export async function createAsset(ctx: Context, input: { asset: unknown }): Promise<Asset> {
  return (await putAsset(ctx, { id: newId("ast", ctx.now().getTime()), asset: input.asset })).asset;
}

/** Registers or replaces a remote asset under a client-chosen id; repeating it changes nothing and says so. */
export async function putAsset(ctx: Context, input: { id: string; asset: unknown }): Promise<AssetOutcome> {
  requirePermission(ctx, "assets:write");
  if (!isId("ast", input.id)) {
    throw invalid("assets/bad-id", "The id must be ast_ and 26 characters of base 32.", [
      { path: "id", message: "must look like ast_01jd3f0b6vfs8t4z9c7q2m5n8x" },
    ]);
  }
  const asset = parseInput(RemoteAsset, input.asset, "assets/invalid", "The asset is not valid.");
  const filename =
    asset.filename ?? (decodeSafely(new URL(asset.source_url).pathname.split("/").at(-1) ?? "") || "file");
  const values = sql`${asset.source_url}, ${filename}, ${asset.mime ?? null}, ${asset.title ?? null}, ${asset.alt ?? null}, ${asset.caption ?? null}, ${asset.description ?? null}`;
  const { results } = await ctx.db.run([
    sql`with given (source_url, filename, mime, title, alt, caption, description) as (values (${values})),
      saved as (insert into assets as asset (tenant_id, environment_id, id, source_url, filename, mime, title, alt, caption, description, created_at, created_by, updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${input.id}, given.*, coalesce(${asset.created_at ?? null}::timestamptz, now()), ${ctx.actor.id}, ${ctx.actor.id} from given
        on conflict (tenant_id, environment_id, id) do update set source_url = excluded.source_url, filename = excluded.filename, mime = excluded.mime,
          title = excluded.title, alt = excluded.alt, caption = excluded.caption, description = excluded.description,
          version = asset.version + 1, updated_at = now(), updated_by = excluded.updated_by
        where (asset.source_url, asset.filename, asset.mime, asset.title, asset.alt, asset.caption, asset.description)
          is distinct from (excluded.source_url, excluded.filename, excluded.mime, excluded.title, excluded.alt, excluded.caption, excluded.description)
        returning *),
      ${record(ctx, { event: "asset.updated", from: sql`saved`, subject: sql`'asset:' || saved.id`, payload: sql`jsonb_build_object('id', saved.id)` })}
      select (select id::text from event_row), ${ASSET_COLUMNS} from (
        select * from saved union all select before.* from assets before where before.tenant_id = ${ctx.tenantId}::uuid
          and before.environment_id = ${ctx.environmentId}::uuid and before.id = ${input.id} and not exists (select 1 from saved)) asset`,
  ]);
  const [outboxId, ...columns] = results[0]![0]!;
  const shown = presentAsset(columns);
  if (outboxId === null) return { asset: shown, outcome: "unchanged" };
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return { asset: shown, outcome: shown.version === 1 ? "created" : "updated" };
}

function decodeSafely(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    return clean(decoded) ? decoded.slice(0, 255) : text.slice(0, 255);
  } catch {
    return text.slice(0, 255);
  }
}
