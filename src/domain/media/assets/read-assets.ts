import { sql } from "drizzle-orm";
import type { Context, StoredFile } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import { notFound } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import type { ByteRange } from "./requested-range.ts";
import type { Asset } from "./schemas.ts";

export const ASSET_COLUMNS = sql`asset.id, asset.version, asset.source_url, asset.filename, asset.mime,
  asset.title, asset.alt,
  asset.caption, asset.description, asset.size_bytes::double precision, asset.sha256,
    cms_iso(asset.created_at), cms_iso(asset.updated_at)`;

/** The environment's assets, newest first. */
export async function listAssets(ctx: Context, input: { limit: number; cursor?: string | undefined }) {
  requirePermission(ctx, "assets:read");
  const after = input.cursor === undefined ? [null, null] : decodeCursor(input.cursor, "assets", 2);
  const mine = inEnvironment(ctx, "asset");
  const { rows } = await ctx.db.read(sql`
    select (select count(*) from assets asset where ${mine}), asset.created_at::text, ${ASSET_COLUMNS}
    from assets asset
    where ${mine} and (${after[1]}::text is null
      or (asset.created_at, asset.id) < (${after[0]}::timestamptz, ${after[1]}::text))
    order by asset.created_at desc, asset.id desc limit ${input.limit + 1}::int`);
  const page = rows.slice(0, input.limit);
  const last = rows.length > input.limit ? page.at(-1) : undefined;
  return {
    data: page.map((row) => presentAsset(row.slice(2))),
    total: Number(rows[0]?.[0] ?? 0),
    nextCursor: last ? encodeCursor("assets", [last[1] as string, last[2] as string]) : null,
  };
}

/** One asset; NOT_FOUND `assets/not-found`. */
export async function getAsset(ctx: Context, input: { id: string }): Promise<Asset> {
  requirePermission(ctx, "assets:read");
  const { rows } = await ctx.db
    .read(sql`select ${ASSET_COLUMNS} from assets asset where asset.tenant_id = ${ctx.tenantId}::uuid
    and asset.environment_id = ${ctx.environmentId}::uuid and asset.id = ${input.id}`);
  if (!rows[0]) throw notFound("assets/not-found", `There is no asset "${input.id.slice(0, 64)}".`);
  return presentAsset(rows[0]);
}

/** A row of `ASSET_COLUMNS` as the API answers it. */
export function presentAsset(row: unknown[]): Asset {
  const names = [
    "id",
    "version",
    "source_url",
    "filename",
    "mime",
    "title",
    "alt",
    "caption",
    "description",
    "size_bytes",
    "sha256",
    "created_at",
    "updated_at",
  ];
  return Object.fromEntries(names.map((name, i) => [name, row[i]])) as Asset;
}

/** The bytes of an asset, or where they are when they are not ours; NOT_FOUND when there is neither. */
export async function readAssetFile(
  ctx: Context,
  input: { id: string; rangeIn?: (asset: Asset) => ByteRange | undefined },
): Promise<{ asset: Asset; file: StoredFile | undefined; range?: ByteRange | undefined }> {
  const { rows } = await ctx.db.read(sql`select asset.storage_key, ${ASSET_COLUMNS} from assets asset
      where asset.tenant_id = ${ctx.tenantId}::uuid
    and asset.environment_id = ${ctx.environmentId}::uuid and asset.id = ${input.id}`);
  if (!rows[0]) throw notFound("assets/not-found", `There is no asset "${input.id.slice(0, 64)}".`);
  const [key, ...columns] = rows[0];
  const asset = presentAsset(columns);
  if (key === null) return { asset, file: undefined };
  const range = input.rangeIn?.(asset);
  const file = await ctx.storage.get(key as string, range);
  if (!file) throw notFound("assets/file-missing", "The file of this asset is not in the bucket.");
  return { asset, file, range };
}
