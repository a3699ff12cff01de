import * as z from "zod";
import { CLEAN_TEXT, isCleanText } from "../../../core/cut-text.ts";
import { Datetime } from "../../../core/datetimes.ts";

const Text = (most: number) => z.string().max(most).refine(isCleanText, `must be ${CLEAN_TEXT}`).nullish();

export const RemoteAsset = z.strictObject({
  source_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .refine(isCleanText, `must be ${CLEAN_TEXT}`)
    .describe("The URL of a remote file; it is not copied."),
  filename: Text(255).describe("By default the last part of the URL, or the name of the uploaded file."),
  mime: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/)
    .max(127)
    .nullish()
    .describe("The media type, such as `image/jpeg`; by default that of the uploaded file."),
  title: Text(1000),
  alt: Text(2000).describe("The alternative text of an image."),
  caption: Text(5000),
  description: Text(20_000),
  created_at: Datetime.optional().describe("The original creation datetime, for imports."),
});
export type RemoteAsset = z.infer<typeof RemoteAsset>;

export const FileFacts = RemoteAsset.omit({ source_url: true });
export type FileFacts = z.infer<typeof FileFacts>;

export const AssetId = z
  .string()
  .regex(/^ast_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
  .describe("`ast_` and 26 characters of base 32; sorts by time.");
export const Asset = z
  .object({
    id: AssetId,
    version: z.int().describe("Increases with every change."),
    source_url: z
      .url()
      .nullable()
      .describe("The URL of a remote asset; `null` when FlowCMS stores the file."),
    filename: z.string(),
    mime: z.string().nullable().describe("The media type, such as `image/jpeg`."),
    title: z.string().nullable(),
    alt: z.string().nullable().describe("The alternative text of an image."),
    caption: z.string().nullable(),
    description: z.string().nullable(),
    size_bytes: z.number().nullable().describe("`null` for a remote asset."),
    sha256: z.string().nullable().describe("The hash of the file in hexadecimal; `null` for a remote asset."),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .describe("The metadata of an image or file.");
export type Asset = z.infer<typeof Asset>;

export const AssetsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});

export const DeleteAssetQuery = z.strictObject({
  force: z.enum(["true", "false"]).optional().describe("`true` to delete it although entries use it."),
  environment: z.string().optional(),
});
