import { BoundedCache } from "../../core/bounded-cache.ts";
import type { Context } from "../../core/context.ts";
import { AppError, invalid, notFound } from "../../core/errors.ts";
import { readOperation } from "../../domain/content/operations/index.ts";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { DocumentStore } from "../../platform/document-store.ts";
import { MAX_DOCUMENT_CHARS } from "./limits.ts";

/** The parameters of a GraphQL request as far as they say which document is meant. */
export type DocumentParams = {
  query?: unknown;
  documentId?: string | undefined;
  extensions?: unknown;
};

const MEMORY_BYTES = 4 * 1024 * 1024;
const remembered = new BoundedCache<string>(MEMORY_BYTES);

/**
 * The document of a request: its `query`, a registered operation by `documentId`, or a persisted query
 * by its hash. Throws our errors.
 */
export async function documentOf(
  ctx: Context,
  schema: EnvironmentSchema,
  store: DocumentStore,
  params: DocumentParams,
): Promise<string> {
  const { query, documentId } = params;
  if (documentId !== undefined) return registered(ctx, schema, documentId);
  if (schema.graphql.registered_only)
    throw new AppError(
      "FORBIDDEN",
      "graphql/registered-only",
      "This environment allows only registered operations: send a documentId.",
    );
  const hash = persistedHash(params.extensions);
  if (query !== undefined && query !== null) {
    const text = checked(query);
    if (hash !== undefined) await keep(ctx, store, hash, text);
    return text;
  }
  if (hash === undefined) throw bad("graphql/no-query", "There is no query in the request.", "query");
  const key = `${ctx.tenantId}|${hash}`;
  const text = remembered.get(key) ?? (await store.get(ctx.tenantId, hash));
  if (text === undefined)
    throw new AppError("NOT_FOUND", "graphql/persisted-query-not-found", "PersistedQueryNotFound", {
      status: 200,
    });
  remembered.set(key, text, text.length * 2);
  return text;
}

async function registered(ctx: Context, schema: EnvironmentSchema, name: string): Promise<string> {
  const key = `${ctx.tenantId}|${ctx.environmentId}|${schema.version}|${name.slice(0, 200)}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const text = await readOperation(ctx, { name });
  if (text === undefined)
    throw notFound("graphql/no-such-operation", `No operation "${name.slice(0, 200)}" is registered.`);
  remembered.set(key, text, text.length * 2);
  return text;
}

function persistedHash(extensions: unknown): string | undefined {
  const persisted = (
    extensions as { persistedQuery?: { version?: unknown; sha256Hash?: unknown } } | null | undefined
  )?.persistedQuery;
  if (!persisted) return undefined;
  const { version, sha256Hash: hash } = persisted;
  if (version === 1 && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)) return hash;
  throw bad(
    "graphql/bad-hash",
    "persistedQuery must be { version: 1, sha256Hash: 64 hexadecimal digits }.",
    "extensions.persistedQuery",
  );
}

async function keep(ctx: Context, store: DocumentStore, hash: string, text: string): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== hash)
    throw bad(
      "graphql/bad-hash",
      "The hash does not match the query.",
      "extensions.persistedQuery.sha256Hash",
    );
  const key = `${ctx.tenantId}|${hash}`;
  if (remembered.get(key) !== undefined) return;
  remembered.set(key, text, text.length * 2);
  ctx.waitUntil(store.put(ctx.tenantId, hash, text));
}

function checked(query: unknown): string {
  if (typeof query !== "string" || query.trim() === "")
    throw bad("graphql/no-query", "The query must be a string.", "query");
  if (query.length <= MAX_DOCUMENT_CHARS) return query;
  throw bad(
    "graphql/document-too-large",
    `The document is longer than ${MAX_DOCUMENT_CHARS} characters.`,
    "query",
  );
}

const bad = (reason: string, message: string, path: string) =>
  invalid(reason, message, [{ path, message }], 400);
