import * as z from "zod";
import { described } from "../../core/described.ts";
import type { OperationGroup } from "../../core/operation.ts";
import { ListQuery } from "./routes.ts";
import { FileFacts, RemoteAsset } from "./save-asset.ts";
import { DeleteAssetQuery } from "./delete-asset.ts";

const AssetId = z
  .string()
  .regex(/^ast_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
  .describe("`ast_` and 26 characters of base 32; sorts by time.");
const Text = z.string().nullable();
const Asset = z
  .object({
    id: AssetId,
    version: z.int().describe("Goes up with every change."),
    source_url: z.url().nullable().describe("Where a remote asset is; `null` when FlowCMS keeps the bytes."),
    filename: z.string(),
    mime: Text.describe("The media type, such as `image/jpeg`."),
    title: Text,
    alt: Text.describe("What stands in place of an image."),
    caption: Text,
    description: Text,
    size_bytes: z.number().nullable().describe("`null` when the bytes are elsewhere."),
    sha256: Text.describe("The hash of the bytes in hexadecimal; `null` when they are elsewhere."),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .describe("What is known about an image or a file.");

const id = "ast_01jd3f0b6vfs8t4z9c7q2m5n8x";
const request = {
  source_url: "https://images.example.org/harbour.jpg",
  mime: "image/jpeg",
  alt: "A harbour at dawn",
};
const response = {
  id,
  version: 1,
  filename: "harbour.jpg",
  title: null,
  caption: null,
  description: null,
  size_bytes: null,
  sha256: null,
  ...request,
  created_at: "2026-01-31T09:30:00.000Z",
  updated_at: "2026-01-31T09:30:00.000Z",
};
const formErrors = { 400: ["http/malformed-form"], 411: ["http/length-required"] } as const;
const writing = { body: RemoteAsset, form: FileFacts, answer: Asset };

export const assetOperations: OperationGroup = {
  tag: "Assets",
  description:
    "Images and files: uploaded as a form with the part `file`, or registered by the URL where they are.",
  schemas: { Asset, AssetId, RemoteAsset },
  operations: [
    {
      method: "put",
      path: "/assets/{id}",
      operationId: "putAsset",
      summary: "Create or replace an asset",
      description:
        "Under an id that you choose, so that it is safe to repeat: an equal asset changes nothing and answers `X-Flow-Unchanged: true`.",
      permission: "assets:write",
      params: { id: AssetId },
      isConditional: true,
      hasEtag: true,
      ...writing,
      statuses: [200, 201],
      errors: { ...formErrors, 422: ["assets/invalid", "assets/bad-id", "assets/no-file"] },
      example: { params: { id }, request, response },
    },
    {
      method: "post",
      path: "/assets",
      operationId: "createAsset",
      summary: "Create an asset",
      description: "Under a new id: an uploaded file of up to 32 MiB, or the address of one elsewhere.",
      permission: "assets:write",
      hasEtag: true,
      ...writing,
      statuses: [201],
      errors: { ...formErrors, 422: ["assets/invalid", "assets/no-file"] },
      example: { request, response: { ...response, id: "ast_01jd3f0b6vfs8t4z9c7q2m5n8y" } },
    },
    {
      method: "get",
      path: "/assets",
      operationId: "listAssets",
      summary: "List assets",
      description: "Newest first.",
      permission: "assets:read",
      query: ListQuery,
      answer: z.array(Asset),
      isList: true,
      errors: { 422: ["assets/bad-query", "http/bad-cursor"] },
      example: { query: { limit: "10" }, response: [response] },
    },
    {
      method: "get",
      path: "/assets/{id}",
      operationId: "getAsset",
      summary: "Get an asset",
      description: "What is known about it. Kept at the edge until the asset changes.",
      permission: "assets:read",
      params: { id: AssetId },
      answer: Asset,
      hasEtag: true,
      errors: { 404: ["assets/not-found"] },
      example: { params: { id }, response },
    },
    {
      method: "get",
      path: "/assets/{id}/file",
      operationId: "getAssetFile",
      summary: "Get the bytes of an asset",
      description:
        "Whole, or with `Range` (one range of bytes, `If-Range`) in part. An asset that is elsewhere is answered by a redirect to its address.",
      permission: "assets:read",
      params: { id: AssetId },
      isFile: true,
      statuses: [200, 206, 302, 304],
      errors: { 404: ["assets/not-found", "assets/file-missing"], 416: ["assets/range-not-satisfiable"] },
      example: { params: { id } },
    },
    {
      method: "delete",
      path: "/assets/{id}",
      operationId: "deleteAsset",
      summary: "Delete an asset",
      description:
        "When entries show it that is a conflict that lists them; with `force=true` it goes all the same, and they say that it is unavailable.",
      permission: "assets:write",
      params: { id: AssetId },
      isConditional: true,
      query: described(DeleteAssetQuery, { force: "Whether it goes although entries show it." }),
      statuses: [204],
      errors: {
        404: ["assets/not-found"],
        409: ["assets/referenced"],
        422: ["assets/bad-query"],
      },
      example: { params: { id }, query: { force: "true" } },
    },
  ],
};
