import { createHash } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import { call, dataOf, isNotFound, outcomeOf, type Connection, type Outcome } from "../api.ts";

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
  connection: Connection,
  id: string,
  facts: AssetFacts & { source_url: string },
): Promise<Outcome> {
  return outcomeOf(await call(connection, "PUT", `/assets/${id}`, facts));
}

/** Uploads a file under an id, unless the asset is there with these bytes and facts already. */
export async function putFileAsset(
  connection: Connection,
  id: string,
  path: string,
  facts: AssetFacts,
  sha256?: string,
): Promise<Outcome> {
  const current = await readAsset(connection, id);
  const mime = facts.mime ?? "application/octet-stream";
  const wanted = { ...facts, mime };
  if (
    current &&
    COMPARED.every((name) => (current[name] ?? null) === (wanted[name] ?? null)) &&
    current["sha256"] === (sha256 ?? (await sha256Of(path)))
  )
    return "unchanged";
  const form = new FormData();
  form.set("file", await openAsBlob(path, { type: mime }), facts.filename);
  for (const [name, value] of Object.entries(wanted)) if (typeof value === "string") form.set(name, value);
  return outcomeOf(await call(connection, "PUT", `/assets/${id}`, form));
}

/** The SHA-256 of a file in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function readAsset(connection: Connection, id: string): Promise<Record<string, unknown> | undefined> {
  try {
    return dataOf<Record<string, unknown>>(await call(connection, "GET", `/assets/${id}`));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
