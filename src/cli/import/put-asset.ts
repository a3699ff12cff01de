import { createHash } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import type { Client, Outcome } from "../../sdk/index.ts";
import { ifThere } from "../if-there.ts";

/** What is known about an asset besides its bytes. */
export type AssetFacts = {
  filename: string;
  mime: string | null;
  title: string | null;
  alt: string | null;
  caption?: string | null;
  description: string | null;
  created_at?: string | undefined;
};
const COMPARED = ["filename", "mime", "title", "alt", "caption", "description"] as const;

/** Writes an asset that lives at a URL. */
export async function putRemoteAsset(
  client: Client,
  id: string,
  facts: AssetFacts & { source_url: string },
): Promise<Outcome> {
  return (await client.assets.put(id, facts)).outcome;
}

/** Uploads a file under an id, unless the asset is there with these bytes and facts already. */
export async function putFileAsset(
  client: Client,
  id: string,
  path: string,
  facts: AssetFacts,
  sha256?: string,
): Promise<Outcome> {
  const current = await ifThere(client.assets.get(id));
  const mime = facts.mime ?? "application/octet-stream";
  const wanted = { ...facts, mime };
  if (
    current &&
    COMPARED.every((name) => (current[name] ?? null) === (wanted[name] ?? null)) &&
    current.sha256 === (sha256 ?? (await sha256Of(path)))
  )
    return "unchanged";
  return (await client.assets.replace(id, await openAsBlob(path, { type: mime }), wanted)).outcome;
}

/** The SHA-256 of a file in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
