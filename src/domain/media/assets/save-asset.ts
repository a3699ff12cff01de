import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { cutText, isCleanText } from "../../../core/cut-text.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { isId, newId } from "../../../core/ids.ts";
import { preconditionFailed, requireMet, type Precondition } from "../../../core/preconditions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { mayBeNew, versionMeets } from "../../../db/precondition-sql.ts";
import { record } from "../../tenant/events/index.ts";
import type { AssetBody } from "./asset-body.ts";
import { ASSET_COLUMNS, presentAsset } from "./read-assets.ts";
import type { Asset, FileFacts, RemoteAsset } from "./schemas.ts";

const MAX_TRIES = 5;

export type AssetOutcome = { asset: Asset; outcome: "created" | "updated" | "unchanged" };

/** Makes an asset under a new id. */
export async function createAsset(ctx: Context, input: { asset: AssetBody }): Promise<Asset> {
  return (await putAsset(ctx, { id: newId("ast", ctx.now().getTime()), asset: input.asset })).asset;
}

/** Makes or replaces an asset under a client-chosen id; repeating it changes nothing and says so. */
export async function putAsset(
  ctx: Context,
  input: { id: string; asset: AssetBody; precondition?: Precondition | undefined },
): Promise<AssetOutcome> {
  if (!isId("ast", input.id)) {
    throw invalid("assets/bad-id", "The id must be ast_ and 26 characters of base 32.", [
      { path: "id", message: "must look like ast_01jd3f0b6vfs8t4z9c7q2m5n8x" },
    ]);
  }
  if (!("file" in input.asset)) return (await putRow(ctx, input, remote(input.asset.remote)))!;
  const { bytes, ...asset } = await read(ctx, input.asset);
  const { storage_key: key, mime } = asset;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    // The bytes come first, so that a write that fails afterwards leaves nothing half done.
    await ctx.storage.put(key, bytes, mime);
    const outcome = await putRow(ctx, input, asset);
    if (outcome) {
      // The file may have been deleted as unused before the row referred to it.
      if (!(await ctx.storage.has(key))) await ctx.storage.put(key, bytes, mime);
      return outcome;
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * (attempt + 1)));
  }
  throw new AppError(
    "UNAVAILABLE",
    "assets/file-being-deleted",
    "The same file is being deleted right now: try again.",
    { headers: { "retry-after": "2" } },
  );
}

/** Writes the row; undefined while its file is being deleted. */
async function putRow(
  ctx: Context,
  { id, precondition }: { id: string; precondition?: Precondition | undefined },
  asset: ReturnType<typeof remote> | Omit<Awaited<ReturnType<typeof read>>, "bytes">,
): Promise<AssetOutcome | undefined> {
  const names = "source_url filename mime title alt caption description storage_key size_bytes sha256".split(
    " ",
  );
  const row = JSON.stringify({ ...asset, mime: asset.mime ?? null });
  const columns = sql.raw(names.join(", "));
  const isMine = (alias: string) => sql`${inEnvironment(ctx, alias)} and ${sql.raw(alias)}.id = ${id}`;
  const isThere = sql`exists (select 1 from assets there where ${isMine("there")})`;
  const isUnused = sql`unused.tenant_id = ${ctx.tenantId}::uuid
    and unused.storage_key = ${"storage_key" in asset ? asset.storage_key : null}`;
  const { results } = await ctx.db.run([
    sql`with claimed as materialized (select unused.claimed_at from unused_files unused
      where ${isUnused} for update),
      used_again as (delete from unused_files unused where ${isUnused} and unused.claimed_at is null),
      given as (select ${columns} from jsonb_to_record(${row}::jsonb) as given(source_url text,
        filename text, mime text, title text,
        alt text, caption text, description text, storage_key text, size_bytes bigint, sha256 text)
        where not exists (select 1 from claimed where claimed_at is not null)),
      saved as (insert into assets as asset (tenant_id, environment_id, id, ${columns}, created_at,
        created_by, updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id}, given.*,
          coalesce(${asset.created_at ?? null}::timestamptz, now()), ${ctx.actor.id}, ${ctx.actor.id}
            from given
          where ${mayBeNew(precondition)} or ${isThere}
        on conflict (tenant_id, environment_id, id) do update
        set ${sql.raw(names.map((name) => `${name} = excluded.${name}`).join(", "))},
          version = asset.version + 1, updated_at = now(), updated_by = excluded.updated_by
        where (${sql.raw(names.map((name) => `asset.${name}`).join(", "))}) is distinct
        from (${sql.raw(names.map((name) => `excluded.${name}`).join(", "))})
          and ${versionMeets(precondition, sql`asset.version`)}
        returning *),
      ${record(ctx, {
        event: "asset.updated",
        from: sql`saved`,
        subject: sql`'asset:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
      })}
      select (select count(*)::int from given), (select id::text from event_row), ${ASSET_COLUMNS}
      from (select 1) one left join (
        select * from saved union all select before.* from assets before where ${isMine("before")}
        and not exists (select 1 from saved)) asset on true`,
  ]);
  const [given, outboxId, ...shownColumns] = results[0]![0]!;
  if (given === 0) return undefined;
  if (shownColumns[0] === null) throw preconditionFailed(null);
  const shown = presentAsset(shownColumns);
  if (outboxId === null) requireMet(precondition, shown.version);
  if (outboxId === null) return { asset: shown, outcome: "unchanged" };
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return { asset: shown, outcome: shown.version === 1 ? "created" : "updated" };
}

function remote(asset: RemoteAsset) {
  const filename =
    asset.filename ?? (decodeSafely(new URL(asset.source_url).pathname.split("/").at(-1) ?? "") || "file");
  return { ...asset, filename };
}

/** A file and its metadata; files are stored by their hash. */
async function read(ctx: Context, { file, facts: known }: { file: File; facts: FileFacts }) {
  const bytes = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const mime = known.mime ?? (/^[\w.+-]+\/[\w.+-]+/.exec(file.type)?.[0] || "application/octet-stream");
  const key = `${ctx.tenantId}/${sha256}`;
  const filename = (known.filename ?? file.name.split(/[\\/]/).at(-1)) || "file";
  return {
    ...known,
    bytes,
    filename: isCleanText(filename) ? cutText(filename, 255) : "file",
    mime,
    storage_key: key,
    size_bytes: bytes.byteLength,
    sha256,
  };
}

function decodeSafely(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    return cutText(isCleanText(decoded) ? decoded : text, 255);
  } catch {
    return cutText(text, 255);
  }
}
