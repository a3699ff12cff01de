import { baseOf } from "./attempt.ts";
import {
  dataOf,
  outcomeOf,
  type Answer,
  type Ask,
  type CallOptions,
  type ClientOptions,
  type Outcome,
  type ReadBytes,
} from "./call.ts";
import { listOf, type ListOf } from "./cursor-list.ts";
import { pathOf } from "./path.ts";

/** An image or a file, with what is known about it. */
export type Asset = {
  id: string;
  version: number;
  /** Where a remote asset is; null when FlowCMS keeps the bytes. */
  source_url: string | null;
  filename: string;
  mime: string | null;
  title: string | null;
  alt: string | null;
  caption: string | null;
  description: string | null;
  size_bytes: number | null;
  sha256: string | null;
  created_at: string;
  updated_at: string;
};

/** An asset as entries include it. */
export type IncludedAsset = Pick<
  Asset,
  "id" | "source_url" | "filename" | "mime" | "title" | "alt" | "caption" | "description"
> & { status?: undefined };

/** What is known about a file. */
export type AssetFacts = {
  filename?: string | null | undefined;
  mime?: string | null | undefined;
  title?: string | null | undefined;
  alt?: string | null | undefined;
  caption?: string | null | undefined;
  description?: string | null | undefined;
  created_at?: string | undefined;
};
/** The bytes of a file; a `File` brings its name and type along. */
export type FileBytes = Blob | Uint8Array | ArrayBuffer;

/** Assets, newest first. */
export type Assets = ListOf<Asset> & {
  get(id: string, options?: CallOptions): Promise<Asset>;
  /** Sends a file of up to 32 MiB, which becomes a new asset. */
  upload(file: FileBytes, facts?: AssetFacts, options?: CallOptions): Promise<Asset>;
  /** Sends a file under an id of your own, or in place of the one there. */
  replace(
    id: string,
    file: FileBytes,
    facts?: AssetFacts,
    options?: CallOptions,
  ): Promise<{ asset: Asset; outcome: Outcome }>;
  /** A new asset whose bytes are elsewhere, at `source_url`. */
  create(asset: AssetFacts & { source_url: string }, options?: CallOptions): Promise<Asset>;
  /** The same under an id of your own. */
  put(
    id: string,
    asset: { [fact: string]: unknown },
    options?: CallOptions,
  ): Promise<{ asset: Asset; outcome: Outcome }>;
  /** The bytes. */
  file(id: string, options?: CallOptions): Promise<Blob>;
  /** The bytes as they come, for files too large to hold; answers what `read` answers. */
  stream<T>(id: string, read: ReadBytes<T>, options?: CallOptions): Promise<T>;
  /** Where the bytes are; they are given to those who send a token. */
  fileUrl(id: string): string;
};

export function assetsOf(ask: Ask, client: ClientOptions): Assets {
  const saved = (answer: Answer) => ({ asset: dataOf<Asset>(answer), outcome: outcomeOf(answer) });
  return {
    ...listOf<Asset>(ask, "assets"),
    get: async (id, options) => dataOf(await ask("GET", pathOf("assets", id), {}, options)),
    upload: async (file, facts, options) =>
      dataOf(await ask("POST", pathOf("assets"), { body: formOf(file, facts) }, options)),
    replace: async (id, file, facts, options) =>
      saved(await ask("PUT", pathOf("assets", id), { body: formOf(file, facts) }, options)),
    create: async (asset, options) => dataOf(await ask("POST", pathOf("assets"), { body: asset }, options)),
    put: async (id, asset, options) =>
      saved(await ask("PUT", pathOf("assets", id), { body: asset }, options)),
    file: async (id, options) =>
      (await ask("GET", pathOf("assets", id, "file"), { isFile: true }, options)).body as Blob,
    stream: async <T>(id: string, read: ReadBytes<T>, options?: CallOptions) =>
      (await ask("GET", pathOf("assets", id, "file"), { read }, options)).body as T,
    fileUrl: (id) => baseOf(client) + pathOf("assets", id, "file"),
  };
}

function formOf(file: FileBytes, facts: AssetFacts = {}): FormData {
  const form = new FormData();
  const blob =
    file instanceof Blob ? file : new Blob([file as BlobPart], facts.mime ? { type: facts.mime } : {});
  form.set("file", blob, facts.filename ?? (file as { name?: string }).name ?? "file");
  for (const [name, value] of Object.entries(facts)) if (typeof value === "string") form.set(name, value);
  return form;
}
