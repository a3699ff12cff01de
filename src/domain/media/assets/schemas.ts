import * as z from "zod";
import { CLEAN_TEXT, isCleanText } from "../../../core/cut-text.ts";
import { Datetime } from "../../../core/datetimes.ts";

const Text = (most: number) => z.string().max(most).refine(isCleanText, `must be ${CLEAN_TEXT}`).nullish();

export const RemoteAsset = z.strictObject({
  source_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .refine(isCleanText, `must be ${CLEAN_TEXT}`)
    .describe("Where the file is, and stays."),
  filename: Text(255).describe("The last part of the address, or the name of the file, when absent."),
  mime: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/)
    .max(127)
    .nullish()
    .describe("The media type, such as `image/jpeg`; that of the uploaded file when absent."),
  title: Text(1000),
  alt: Text(2000).describe("What stands in place of an image."),
  caption: Text(5000),
  description: Text(20_000),
  created_at: Datetime.optional().describe("When it was made elsewhere, for imports."),
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
    version: z.int().describe("Goes up with every change."),
    source_url: z.url().nullable().describe("Where a remote asset is; `null` when FlowCMS keeps the bytes."),
    filename: z.string(),
    mime: z.string().nullable().describe("The media type, such as `image/jpeg`."),
    title: z.string().nullable(),
    alt: z.string().nullable().describe("What stands in place of an image."),
    caption: z.string().nullable(),
    description: z.string().nullable(),
    size_bytes: z.number().nullable().describe("`null` when the bytes are elsewhere."),
    sha256: z
      .string()
      .nullable()
      .describe("The hash of the bytes in hexadecimal; `null` when they are elsewhere."),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .describe("What is known about an image or a file.");
export type Asset = z.infer<typeof Asset>;

export const AssetsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});

export const DeleteAssetQuery = z.strictObject({
  force: z.enum(["true", "false"]).optional().describe("Whether it goes although entries show it."),
  environment: z.string().optional(),
});
