import { sql, type SQL } from "drizzle-orm";
import { fromBase64, toBase64Url } from "../core/base64.ts";
import { BoundedCache } from "../core/bounded-cache.ts";
import { AppError } from "../core/errors.ts";
import type { VaultPort } from "../core/identity-context.ts";
import { runBatch, type DatabaseClient } from "../db/client.ts";

/** A master key: its id and 32 bytes. The first of several wraps; all of them unwrap. */
export type MasterKey = { id: string; bytes: Uint8Array };
type DataKey = { id: string; key: CryptoKey };

const KEEP_MS = 300_000;
const KEY_BYTES = 512;
const AES = { name: "AES-GCM", length: 256 } as const;

/**
 * Reads `id:base64,…`; throws UNAVAILABLE that names the setting when there is none, or one of them is
 * malformed.
 */
export function parseMasterKeys(text: string | undefined): MasterKey[] {
  const keys = (text ?? "").split(",").map((part) => {
    const [, id, base64] = /^\s*([\w-]{1,32}):([\w+/=-]+)\s*$/.exec(part) ?? [];
    const bytes = base64 === undefined ? undefined : fromBase64(base64);
    return id !== undefined && bytes?.length === 32 ? { id, bytes } : undefined;
  });
  if (keys.every((key) => key !== undefined)) return keys;
  throw new AppError(
    "UNAVAILABLE",
    "platform/no-master-key",
    `MASTER_KEYS is not set, or is not ${MASTER_KEYS_FORM}.`,
  );
}

/** What MASTER_KEYS must be. */
export const MASTER_KEYS_FORM =
  "`id:` and 32 random bytes in base64, several with commas, the one in use first";

/** The tables of encrypted data keys: those of WEBHOOKS open nothing of IDENTITY's. */
const KEY_TABLES = ["data_keys", "webhook_keys"] as const;
type KeyTable = (typeof KEY_TABLES)[number];

/** The vault of the database's encrypted data keys. Decrypted keys are cached in memory for five minutes. */
export function createVault(
  client: DatabaseClient,
  masters: MasterKey[],
  known: KnownKeys,
  table: KeyTable = "data_keys",
): VaultPort {
  const keyTable = sql.raw(table);
  const load = async (tenantId: string): Promise<DataKey[]> => {
    const kept = known.get(tenantId);
    if (kept && kept.until > Date.now()) return kept.keys;
    const fresh = await newDataKey(masters[0]!, tenantId);
    const [, rows] = await runBatch(client, [
      sql`select set_config('app.tenant_id', ${tenantId}, true)`,
      sql`with made as (insert into ${keyTable} (tenant_id, id, master_key_id, wrapped)
          select ${tenantId}::uuid, ${fresh.id}, ${fresh.masterId}, ${fresh.wrapped}
          where not exists (select 1 from ${keyTable} where tenant_id = ${tenantId}::uuid)
          returning id, master_key_id, wrapped, created_at)
        select id, master_key_id, wrapped, created_at from ${keyTable} where tenant_id = ${tenantId}::uuid
        union all select id, master_key_id, wrapped, created_at from made order by created_at desc`,
    ]);
    const keys = await Promise.all(
      rows!.map(([id, masterId, wrapped]) =>
        unwrap(masters, tenantId, {
          id: id as string,
          masterId: masterId as string,
          wrapped: wrapped as string,
        }),
      ),
    );
    known.set(tenantId, { keys, until: Date.now() + KEEP_MS }, KEY_BYTES * keys.length);
    return keys;
  };
  const additional = (tenantId: string, purpose: string) =>
    new TextEncoder().encode(`${tenantId}|${purpose}`);
  return {
    async seal(tenantId, purpose, secret) {
      const { id, key } = (await load(tenantId))[0]!;
      const sealed = await encrypt(key, new TextEncoder().encode(secret), additional(tenantId, purpose));
      return `s1.${id}.${sealed}`;
    },
    async open(tenantId, purpose, sealed) {
      const [, id, text] = /^s1\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? [];
      const find = async () => (await load(tenantId)).find((one) => one.id === id);
      let found = await find();
      if (!found) {
        known.delete(tenantId);
        found = await find();
      }
      if (!found || text === undefined) throw cannotOpen(purpose);
      try {
        return new TextDecoder().decode(await decrypt(found.key, text, additional(tenantId, purpose)));
      } catch (error) {
        throw cannotOpen(purpose, error);
      }
    },
  };
}

/** Unwrapped data keys by tenant, for as long as the isolate lives. */
export type KnownKeys = BoundedCache<{ keys: DataKey[]; until: number }>;
export const newKnownKeys = (): KnownKeys => new BoundedCache(1000 * KEY_BYTES);

const REWRAP_BATCH = 100;

/**
 * Wraps data keys that are under an older master key under the one in use; what they seal stays as it
 * is. Answers how many. Afterwards the older master key may be taken out of MASTER_KEYS.
 */
export async function rewrapDataKeys(client: DatabaseClient, masters: MasterKey[]): Promise<number> {
  let done = 0;
  for (const table of KEY_TABLES) done += await rewrapTable(client, masters, sql.raw(table));
  return done;
}

async function rewrapTable(client: DatabaseClient, masters: MasterKey[], table: SQL): Promise<number> {
  for (let done = 0; ;) {
    const [, rows] = await runBatch(client, [
      sql`select set_config('app.sweep', 'on', true)`,
      sql`select tenant_id::text, id, master_key_id, wrapped from ${table}
        where master_key_id <> ${masters[0]!.id}
        order by tenant_id, id limit ${REWRAP_BATCH}::int`,
    ]);
    for (const [tenantId, id, masterId, wrapped] of rows as [string, string, string, string][]) {
      const { bytes } = await unwrapBytes(masters, tenantId, { id, masterId, wrapped });
      const again = await wrapBytes(masters[0]!, tenantId, id, bytes);
      await runBatch(client, [
        sql`select set_config('app.sweep', 'on', true)`,
        sql`update ${table} set master_key_id = ${masters[0]!.id}, wrapped = ${again}
          where tenant_id = ${tenantId}::uuid and id = ${id} and master_key_id = ${masterId}`,
      ]);
    }
    done += rows!.length;
    if (rows!.length < REWRAP_BATCH) return done;
  }
}

type Wrapped = { id: string; masterId: string; wrapped: string };

async function newDataKey(master: MasterKey, tenantId: string): Promise<Wrapped> {
  const id = `dk-${toBase64Url(crypto.getRandomValues(new Uint8Array(9)))}`;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return { id, masterId: master.id, wrapped: await wrapBytes(master, tenantId, id, bytes) };
}

async function wrapBytes(
  master: MasterKey,
  tenantId: string,
  id: string,
  bytes: Uint8Array,
): Promise<string> {
  return encrypt(await aesKey(master.bytes), bytes, new TextEncoder().encode(`${tenantId}|${id}`));
}

async function unwrapBytes(masters: MasterKey[], tenantId: string, { id, masterId, wrapped }: Wrapped) {
  const master = masters.find((one) => one.id === masterId);
  if (!master)
    throw new AppError(
      "UNAVAILABLE",
      "platform/master-key-missing",
      `MASTER_KEYS lacks the key "${masterId}", which still encrypts secrets.`,
    );
  const bytes = await decrypt(
    await aesKey(master.bytes),
    wrapped,
    new TextEncoder().encode(`${tenantId}|${id}`),
  );
  return { id, bytes: new Uint8Array(bytes) };
}

async function unwrap(masters: MasterKey[], tenantId: string, wrapped: Wrapped): Promise<DataKey> {
  const { id, bytes } = await unwrapBytes(masters, tenantId, wrapped);
  return { id, key: await aesKey(bytes) };
}

const aesKey = (bytes: Uint8Array) =>
  crypto.subtle.importKey("raw", bytes as BufferSource, AES, false, ["encrypt", "decrypt"]);

async function encrypt(key: CryptoKey, plain: Uint8Array, additionalData: Uint8Array): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: additionalData as BufferSource },
    key,
    plain as BufferSource,
  );
  const all = new Uint8Array(12 + sealed.byteLength);
  all.set(iv);
  all.set(new Uint8Array(sealed), 12);
  return toBase64Url(all);
}

async function decrypt(key: CryptoKey, text: string, additionalData: Uint8Array): Promise<ArrayBuffer> {
  const all = fromBase64(text);
  return crypto.subtle.decrypt(
    { name: "AES-GCM", iv: all.slice(0, 12), additionalData: additionalData as BufferSource },
    key,
    all.slice(12),
  );
}

function cannotOpen(purpose: string, cause?: unknown): AppError {
  return new AppError("INTERNAL", "platform/cannot-unseal", `A secret (${purpose}) cannot be decrypted.`, {
    cause,
  });
}
