import * as z from "zod";
import { answered, answeredPut } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { ChangeStep } from "./change-steps.ts";
import { createDefinitions, Definitions, NewDefinitions } from "./create-definitions.ts";
import { getType, listTypes } from "./read-types.ts";
import { Renames } from "./renames.ts";
import { createType, deleteType, putType } from "./save-type.ts";
import { AuthoredField, ContentType, TypeDefinition } from "./schemas.ts";
import { PutAllQuery, PutTypeQuery } from "./put-queries.ts";
import { storedExample as stored } from "./stored-example.ts";

export { componentOperations } from "./component-operations.ts";

const operation = declares<Context>("types/bad-query");

const params = { id: z.string().max(63).describe("The id of a content type, such as `blog_post`.") };
const author = {
  id: "author",
  name: "Author",
  fields: [{ id: "name", type: "short_text", required: true }],
  ordered: true,
};
const post = {
  id: "blog_post",
  name: "Blog post",
  fields: [
    { id: "title", type: "short_text", required: true, max: 120 },
    { id: "slug", type: "slug", required: true },
    { id: "body", type: "rich_text", localized: true },
    { id: "author", type: "reference", to: ["author"] },
    { id: "cover", type: "media" },
    { id: "reading_minutes", type: "integer", min: 1 },
  ],
  review: {
    stages: [
      { id: "writing", name: "Being written" },
      { id: "approved", name: "Approved", by: ["admin"] },
    ],
  },
};
const price = { id: "price", name: "Price", fields: [{ id: "shop", type: "reference", to: ["shop"] }] };
const product = {
  id: "product",
  name: "Product",
  fields: [
    { id: "name", type: "short_text" },
    { id: "prices", type: "component", component: "price", multiple: true },
  ],
};
const shop = {
  id: "shop",
  name: "Shop",
  fields: [
    { id: "name", type: "short_text" },
    { id: "offer", type: "reference", to: ["product"] },
  ],
};
export const typeOperations: OperationGroup<Operation<Context>> = {
  tag: "Types",
  description:
    "A content type defines the fields of an entry and the rules for their values. Types are versioned; a change that existing entries violate is rejected, with a list of these entries.",
  schemas: { ContentType, TypeDefinition, Field: AuthoredField },
  operations: [
    operation({
      method: "post",
      path: "/types",
      operationId: "createType",
      summary: "Create a content type",
      description: "Rejected when the id is taken: use PUT to change a type.",
      permission: "types:write",
      body: TypeDefinition,
      answer: ContentType,
      hasEtag: true,
      statuses: [201],
      isBodyOpen: true,
      errors: {
        402: ["types/too-many"],
        409: ["types/id-taken", "types/name-taken"],
        422: ["types/invalid-definition", "types/unknown-target"],
        503: ["types/changing"],
      },
      example: { request: author, response: stored(author) },
      sdk: { call: "types.create", isLoose: true },
      run: async (ctx, input) => {
        const type = await createType(ctx, { definition: await input.json() });
        return answered(type, { version: type.version });
      },
    }),
    operation({
      method: "post",
      path: "/types/bulk",
      operationId: "createDefinitions",
      summary: "Create or change content types and components together",
      description:
        "All of them or none, in one transaction: for types that refer to each other, and components that refer to types which use them. Their order does not matter. With `replace=true` those that exist are changed as by their PUT; each says in itself what is beside the definition there: `rename_from`, `renames`, `localize`, `unlocalize`, and `if_version`.",
      permission: "types:write",
      query: PutAllQuery,
      body: NewDefinitions,
      answer: Definitions,
      beside: { steps: z.array(ChangeStep).describe("Of a dry run: what it would do to values.") },
      changesSnapshot: true,
      statuses: [200, 201],
      isBodyOpen: true,
      errors: {
        402: ["types/too-many"],
        404: ["types/not-found", "components/not-found"],
        409: [
          "types/id-taken",
          "components/id-taken",
          "types/name-taken",
          "components/name-taken",
          "types/violated",
          "types/version-conflict",
          "components/version-conflict",
          "types/named-by-policy",
          "types/back-referenced",
        ],
        422: [
          "types/invalid-definition",
          "components/invalid-definition",
          "types/unknown-target",
          "types/invalid-renames",
          "types/too-many-entries",
        ],
        503: ["types/changing"],
      },
      example: {
        request: { components: [price], types: [product, shop] },
        response: {
          components: [{ ...stored(price), usage: { types: ["product"], components: [] } }],
          types: [stored(product), stored(shop)],
        },
        beside: { steps: [] },
      },
      sdk: { call: "types.createAll", isLoose: true },
      run: async (ctx, input) => {
        const { query } = input;
        const { definitions, steps, isNew } = await createDefinitions(ctx, {
          definitions: await input.json(),
          isReplacing: query.replace === "true",
          allowDataLoss: query.allow_data_loss === "true",
          dryRun: query.dry_run === "true",
        });
        return answered(definitions, { status: isNew ? 201 : 200, beside: { steps } });
      },
    }),
    operation({
      method: "put",
      path: "/types/{id}",
      operationId: "putType",
      summary: "Create or replace a content type",
      description:
        "Safe to repeat: an identical definition changes nothing and the response has `X-Flow-Unchanged: true`. A change that working copies or published versions violate is a conflict whose `details` name entry, perspective, locale and path. Removing fields or blocks that have values, also inside components, or changing the type of such a field needs `allow_data_loss=true`. `renames` beside the definition says which fields are old ones under a new id, or moved into or out of a component: their values follow. With `rename_from` the type itself gets the id in the path in place of another one. With `dry_run=true` everything is checked and nothing written, and `steps` says what would become of how many values.",
      permission: "types:write",
      params,
      query: PutTypeQuery,
      isConditional: true,
      body: TypeDefinition.extend({ renames: Renames.optional() }),
      answer: ContentType,
      beside: { steps: z.array(ChangeStep).describe("Of a dry run: what it would do to values.") },
      hasEtag: true,
      changesSnapshot: true,
      statuses: [200, 201],
      isBodyOpen: true,
      errors: {
        402: ["types/too-many"],
        404: ["types/not-found"],
        409: [
          "types/violated",
          "types/version-conflict",
          "types/id-taken",
          "types/name-taken",
          "types/named-by-policy",
          "types/back-referenced",
        ],
        422: [
          "types/invalid-definition",
          "types/id-differs",
          "types/invalid-renames",
          "types/too-many-entries",
          "types/unknown-target",
        ],
        503: ["types/changing"],
      },
      example: { params: { id: "blog_post" }, request: post, response: stored(post), beside: { steps: [] } },
      sdk: { call: "types.put", outcome: "type", beside: "steps", isLoose: true },
      run: async (ctx, input) => {
        const { params, query, precondition } = input;
        const { type, outcome, steps } = await putType(ctx, {
          ...params,
          definition: await input.json(),
          version: query.version,
          precondition,
          allowDataLoss: query.allow_data_loss === "true",
          localize: query.localize,
          unlocalize: query.unlocalize,
          dryRun: query.dry_run === "true",
          from: query.rename_from,
        });
        return answeredPut(type, outcome, { steps });
      },
    }),
    operation({
      method: "get",
      path: "/types",
      operationId: "listTypes",
      summary: "List content types",
      description: "All content types of the environment, sorted by id, at most 300.",
      permission: "types:read",
      answer: z.array(ContentType),
      example: { response: [stored(author), stored(post)] },
      sdk: { call: "types.list" },
      run: (ctx) => listTypes(ctx),
    }),
    operation({
      method: "get",
      path: "/types/{id}",
      operationId: "getType",
      summary: "Get a content type",
      description: "The stored definition, with its version.",
      permission: "types:read",
      params,
      answer: ContentType,
      hasEtag: true,
      errors: { 404: ["types/not-found"] },
      example: { params: { id: "author" }, response: stored(author) },
      sdk: { call: "types.get" },
      run: async (ctx, { params }) => {
        const type = await getType(ctx, params);
        return answered(type, { version: type.version });
      },
    }),
    operation({
      method: "delete",
      path: "/types/{id}",
      operationId: "deleteType",
      summary: "Delete a content type",
      description:
        "Only a type without entries can be deleted; entries in the trash do not count. When fields of other types or components refer to it, that is a conflict that lists them, unless `on_reference=keep`.",
      permission: "types:write",
      params,
      query: z.strictObject({
        on_reference: z
          .enum(["keep"])
          .optional()
          .describe("`keep` deletes the type also when fields refer to it; they go on naming it."),
        environment: z.string().optional(),
      }),
      isConditional: true,
      statuses: [204],
      errors: {
        404: ["types/not-found"],
        409: ["types/in-use", "types/referenced", "types/back-referenced"],
        503: ["types/changing"],
      },
      example: { params: { id: "blog_post" } },
      sdk: { call: "types.delete" },
      run: (ctx, { params, query, precondition }) =>
        deleteType(ctx, { ...params, precondition, isKept: query.on_reference === "keep" }),
    }),
  ],
};
