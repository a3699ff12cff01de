import * as z from "zod";
import { answered, answeredPut, edgeHeaders, successText } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { entryTag, environmentTag } from "../../../core/events.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { readAssetBody } from "./asset-body.ts";
import { deleteAsset } from "./delete-asset.ts";
import { getAsset, listAssets, readAssetFile } from "./read-assets.ts";
import { createAsset, putAsset } from "./save-asset.ts";
import { Asset, AssetId, AssetsQuery, DeleteAssetQuery, FileFacts, RemoteAsset } from "./schemas.ts";
import { rangeOf, showFile } from "./show-file.ts";

const operation = declares<Context>("assets/bad-query");

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
const writing = { body: RemoteAsset, isBodyOpen: true, form: FileFacts, answer: Asset };

export const assetOperations: OperationGroup<Operation<Context>> = {
  tag: "Assets",
  description: "Images and files: uploaded as a form with the part `file`, or registered by URL.",
  schemas: { Asset, AssetId, RemoteAsset },
  operations: [
    operation({
      method: "put",
      path: "/assets/{id}",
      operationId: "putAsset",
      summary: "Create or replace an asset",
      description:
        "With an id that you choose, so it is safe to repeat: an identical asset changes nothing and the response has `X-Flow-Unchanged: true`.",
      permission: "assets:write",
      params: { id: AssetId },
      isConditional: true,
      hasEtag: true,
      ...writing,
      statuses: [200, 201],
      errors: { ...formErrors, 422: ["assets/invalid", "assets/bad-id", "assets/no-file"] },
      example: { params: { id }, request, response },
      sdk: { call: "assets.put", outcome: "asset", isLoose: true },
      run: async (ctx, { params: { id }, precondition, request }) => {
        const { asset, outcome } = await putAsset(ctx, {
          id,
          precondition,
          asset: await readAssetBody(request),
        });
        return answeredPut(asset, outcome);
      },
    }),
    operation({
      method: "post",
      path: "/assets",
      operationId: "createAsset",
      summary: "Create an asset",
      description: "With a generated id: an uploaded file of up to 32 MiB, or the URL of a remote file.",
      permission: "assets:write",
      hasEtag: true,
      ...writing,
      statuses: [201],
      errors: { ...formErrors, 422: ["assets/invalid", "assets/no-file"] },
      example: { request, response: { ...response, id: "ast_01jd3f0b6vfs8t4z9c7q2m5n8y" } },
      sdk: { call: "assets.create" },
      run: async (ctx, { request }) => {
        const asset = await createAsset(ctx, { asset: await readAssetBody(request) });
        return answered(asset, { version: asset.version });
      },
    }),
    operation({
      method: "get",
      path: "/assets",
      operationId: "listAssets",
      summary: "List assets",
      description: "Newest first.",
      permission: "assets:read",
      query: AssetsQuery,
      answer: z.array(Asset),
      isList: true,
      errors: { 422: ["http/bad-cursor"] },
      example: { query: { limit: "10" }, response: [response] },
      sdk: { call: "assets.list" },
      run: async (ctx, { query }) => {
        const { data, total, nextCursor } = await listAssets(ctx, query);
        return answered(data, {
          pagination: {
            current_page: query.cursor ? null : 1,
            per_page: query.limit,
            total_items: total,
            next_cursor: nextCursor,
          },
        });
      },
    }),
    operation({
      method: "get",
      path: "/assets/{id}",
      operationId: "getAsset",
      summary: "Get an asset",
      description: "The metadata of an asset. Cached at the edge until it changes.",
      permission: "assets:read",
      params: { id: AssetId },
      answer: Asset,
      hasEtag: true,
      errors: { 404: ["assets/not-found"] },
      example: { params: { id }, response },
      sdk: { call: "assets.get" },
      run: async (ctx, { params }) => {
        const asset = JSON.stringify(await getAsset(ctx, params));
        const tags = [entryTag(ctx.environmentId, params.id), environmentTag(ctx.environmentId)];
        return successText(asset, edgeHeaders(ctx.isForEdge === true, tags, asset));
      },
    }),
    operation({
      method: "get",
      path: "/assets/{id}/file",
      operationId: "getAssetFile",
      summary: "Download an asset",
      description:
        "The whole file, or a part with `Range` (one byte range, `If-Range`). For a remote asset the response is a redirect to its URL.",
      permission: "assets:read",
      params: { id: AssetId },
      isFile: true,
      statuses: [200, 206, 302, 304],
      errors: { 404: ["assets/not-found", "assets/file-missing"], 416: ["assets/range-not-satisfiable"] },
      example: { params: { id } },
      run: async (ctx, { params: { id }, request }) => {
        const rangeIn = (asset: Asset) => rangeOf(request, asset);
        const { asset, file, range } = await readAssetFile(ctx, { id, rangeIn });
        return file ? showFile(request, asset, file, range) : Response.redirect(asset.source_url!, 302);
      },
    }),
    operation({
      method: "delete",
      path: "/assets/{id}",
      operationId: "deleteAsset",
      summary: "Delete an asset",
      description:
        "If entries use it, that is a conflict that lists them; with `force=true` it is deleted anyway, and they show it as unavailable.",
      permission: "assets:write",
      params: { id: AssetId },
      isConditional: true,
      query: DeleteAssetQuery,
      statuses: [204],
      errors: {
        404: ["assets/not-found"],
        409: ["assets/referenced"],
      },
      example: { params: { id }, query: { force: "true" } },
      sdk: { call: "assets.delete" },
      run: (ctx, { params: { id }, query, precondition }) =>
        deleteAsset(ctx, { id, isForced: query.force === "true", precondition }),
    }),
  ],
};
