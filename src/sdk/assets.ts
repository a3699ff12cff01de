import { baseOf } from "./attempt.ts";
import {
  dataOf,
  outcomeOf,
  type Ask,
  type CallOptions,
  type ClientOptions,
  type Outcome,
  type ReadBytes,
} from "./call.ts";
import { assetsOf as generated, type Assets as Generated } from "./generated/assets.ts";
import type { Asset, RemoteAsset } from "./generated/shapes.ts";
import { pathOf } from "./path.ts";

/** An asset as entries include it. */
export type IncludedAsset = Pick<
  Asset,
  "id" | "source_url" | "filename" | "mime" | "title" | "alt" | "caption" | "description"
> & { status?: undefined };

/** What is known about a file. */
export type AssetFacts = Omit<RemoteAsset, "source_url">;
/** The bytes of a file; a `File` brings its name and type along. */
export type FileBytes = Blob | Uint8Array | ArrayBuffer;

/** Assets, newest first. */
export type Assets = Generated & {
  /** Sends a file of up to 32 MiB, which becomes a new asset. */
  upload(file: FileBytes, facts?: AssetFacts, options?: CallOptions): Promise<Asset>;
  /** Sends a file under an id of your own, or in place of the one there. */
  replace(
    id: string,
    file: FileBytes,
    facts?: AssetFacts,
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
  return {
    ...generated(ask),
    upload: async (file, facts, options) =>
      dataOf(await ask("POST", pathOf("assets"), { body: formOf(file, facts) }, options)),
    async replace(id, file, facts, options) {
      const answer = await ask("PUT", pathOf("assets", id), { body: formOf(file, facts) }, options);
      return { asset: dataOf<Asset>(answer), outcome: outcomeOf(answer) };
    },
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
