import type * as z from "zod";
import { invalid } from "../../../core/errors.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { MAX_FILE_BYTES, readJson, tooLarge } from "../../../core/read-body.ts";
import { FileFacts, RemoteAsset } from "./schemas.ts";

/** The body of a write: a remote asset by URL, or a file with its metadata. */
export type AssetBody = { remote: RemoteAsset } | { file: File; facts: FileFacts };

const valid = <T>(schema: z.ZodType<T>, input: unknown): T =>
  parseInput(schema, input, "assets/invalid", "The asset is not valid.");

/** A JSON body, or a form with the part `file` and its metadata as text parts. */
export async function readAssetBody(request: Request): Promise<AssetBody> {
  if (!/^multipart\/form-data/i.test(request.headers.get("content-type") ?? ""))
    return { remote: valid(RemoteAsset, await readJson(request)) };
  const length = request.headers.get("content-length");
  if (length === null) throw invalid("http/length-required", "An upload needs Content-Length.", [], 411);
  if (Number(length) > MAX_FILE_BYTES) throw tooLarge(MAX_FILE_BYTES);
  const form = await request.formData().catch(() => {
    throw invalid("http/malformed-form", "The body is not multipart/form-data.", [], 400);
  });
  const { file, ...facts } = Object.fromEntries(form);
  if (!(file instanceof File))
    throw invalid("assets/no-file", "The form needs a part called file that holds a file.", [
      { path: "file", message: "must be a file" },
    ]);
  return { file, facts: valid(FileFacts, facts) };
}
