import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { deleteOperation, listOperations, putOperation } from "./registered-operations.ts";
import { NewOperation, OperationName, RegisteredOperation } from "./schemas.ts";

const operation = declares<Context>("operations/invalid");

const example = {
  name: "homepage",
  document: "query ($locale: String) { blogPostList(limit: 5, locale: $locale) { title slug } }",
  updated_at: "2026-01-31T09:30:00.000Z",
  updated_by: "tok_01jd3f0b6vfs8t4z9c7q2m5n8x",
};
const params = { name: OperationName.describe("The value that clients send as `documentId`.") };

export const registeredOperations: OperationGroup<Operation<Context>> = {
  tag: "Operations",
  description:
    "GraphQL documents that clients run by name (`documentId=homepage`). An environment may allow no others: `PATCH /environments/{name}` with `graphql.registered_only`.",
  schemas: { RegisteredOperation },
  operations: [
    operation({
      method: "get",
      path: "/operations",
      operationId: "listOperations",
      summary: "List registered operations",
      description: "Sorted by name, at most 2,000.",
      permission: "types:read",
      answer: z.array(RegisteredOperation),
      example: { response: [] },
      sdk: { call: "operations.list" },
      run: (ctx) => listOperations(ctx),
    }),
    operation({
      method: "put",
      path: "/operations/{name}",
      operationId: "putOperation",
      summary: "Register an operation",
      description: "Replaces an existing one with the same name.",
      permission: "types:write",
      params,
      body: NewOperation,
      invalid: ["operations/invalid", "The operation is not valid."],
      answer: RegisteredOperation,
      errors: { 402: ["operations/too-many"] },
      example: { params: { name: example.name }, request: { document: example.document }, response: example },
      sdk: { call: "operations.put", body: "document" },
      run: (ctx, { params, body }) => putOperation(ctx, { ...params, ...body }),
    }),
    operation({
      method: "delete",
      path: "/operations/{name}",
      operationId: "deleteOperation",
      summary: "Delete a registered operation",
      description: "Requests with its name fail from then on.",
      permission: "types:write",
      params,
      statuses: [204],
      errors: { 404: ["operations/not-found"] },
      example: { params: { name: example.name } },
      sdk: { call: "operations.delete" },
      run: (ctx, { params }) => deleteOperation(ctx, params),
    }),
  ],
};
