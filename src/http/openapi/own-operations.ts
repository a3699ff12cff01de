import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";

const GraphqlRequest = z
  .looseObject({
    query: z.string().max(16_384).optional().describe("The GraphQL document."),
    documentId: z.string().optional().describe("The name of a registered operation, instead of `query`."),
    variables: z.record(z.string(), z.unknown()).nullish(),
    operationName: z.string().nullish().describe("Which operation to run, when the document has several."),
    extensions: z
      .looseObject({
        persistedQuery: z.object({ version: z.literal(1), sha256Hash: z.string() }).optional(),
      })
      .optional()
      .describe("With `persistedQuery` the hash is enough after the document was sent once."),
  })
  .describe("One operation; batches are not supported.");
const GraphqlAnswer = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
});
const GraphqlQuery = z.object({
  query: z.string().max(16_384).optional().describe("The GraphQL document."),
  documentId: z.string().optional().describe("The name of a registered operation."),
  variables: z.string().optional().describe("A JSON object."),
  operationName: z.string().optional().describe("Which operation to run, when the document has several."),
  extensions: z.string().optional().describe("A JSON object, for the hash of a persisted query."),
});

const query = '{ content(type: "blog_post", limit: 10) { id title slug } }';
const response = {
  data: { content: [{ id: "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y", title: "Hello, edge", slug: "hello-edge" }] },
};
const errors = {
  400: [
    "graphql/no-query",
    "graphql/batching-off",
    "graphql/document-too-large",
    "graphql/bad-hash",
    "graphql/bad-extensions",
    "graphql/bad-variables",
    "graphql/bad-operation-name",
    "graphql/subscription-over-http",
    "graphql/syntax-error",
    "graphql/invalid-document",
    "graphql/no-such-query",
  ],
  404: ["graphql/no-such-operation"],
  406: ["graphql/not-acceptable"],
  415: ["graphql/not-json"],
} as const;

const managementQuery = "{ describeMe { kind } }";
const managementResponse = { data: { describeMe: { kind: "token" } } };
const managementOperations: OperationGroup["operations"] = [
  {
    method: "post",
    path: "/graphql/management",
    operationId: "postGraphqlManagement",
    summary: "Run an operation of management by GraphQL",
    description:
      "One field for each operation of this document that is not about entries, named by its `operationId`: `createToken`, `listMembers`. Each needs the permission of its operation. Responses are never cached.",
    permission: "any",
    body: GraphqlRequest,
    answer: GraphqlAnswer,
    isBare: true,
    errors: { ...errors, 400: [...errors[400], "graphql/unknown-parameter"] },
    errorAnswer: GraphqlAnswer,
    example: { request: { query: managementQuery }, response: managementResponse },
  },
  {
    method: "get",
    path: "/graphql/management",
    operationId: "getGraphqlManagement",
    summary: "Run a query of management by GET",
    description: "Reads, as by POST.",
    permission: "any",
    query: GraphqlQuery,
    answer: GraphqlAnswer,
    isBare: true,
    errors: {
      ...errors,
      400: [...errors[400], "graphql/repeated-parameter"],
      405: ["graphql/mutation-by-get"],
    },
    errorAnswer: GraphqlAnswer,
    example: { query: { query: managementQuery }, response: managementResponse },
  },
];

export const graphqlOperations: OperationGroup = {
  tag: "GraphQL",
  description:
    "`content(type, …)` for any type; `blogPost`, `blogPostList`, `blogPostConnection` and `blogPostAggregate` for each one; a mutation for every verb. Depth 10, cost 10,000 (`X-Query-Cost`), 30 aliases, 16 KB. Automatic persisted queries and registered operations.",
  schemas: { GraphqlRequest, GraphqlAnswer },
  operations: [
    {
      method: "post",
      path: "/graphql",
      operationId: "postGraphql",
      summary: "Run a GraphQL operation",
      description: "Published content is cached at the edge, as with REST.",
      permission: "content:read",
      body: GraphqlRequest,
      answer: GraphqlAnswer,
      isBare: true,
      errors: { ...errors, 400: [...errors[400], "graphql/unknown-parameter"] },
      errorAnswer: GraphqlAnswer,
      example: { request: { query }, response },
    },
    {
      method: "get",
      path: "/graphql",
      operationId: "getGraphql",
      summary: "Run a GraphQL query by GET",
      description: "For caches that support only GET.",
      permission: "content:read",
      query: GraphqlQuery,
      answer: GraphqlAnswer,
      isBare: true,
      hasEtag: true,
      errors: {
        ...errors,
        400: [...errors[400], "graphql/repeated-parameter"],
        405: ["graphql/mutation-by-get"],
      },
      errorAnswer: GraphqlAnswer,
      example: { query: { query }, response },
    },
    ...managementOperations,
  ],
};

export const documentOperations: OperationGroup = {
  tag: "Documents",
  description: "The description of the API.",
  schemas: {},
  operations: [
    {
      method: "get",
      path: "/openapi.json",
      operationId: "getOpenApi",
      summary: "Get this document",
      description:
        "Without a token, the generic document; with a token, the document of the tenant's environment, in which each content type has its own paths and schemas.",
      permission: null,
      answer: z.looseObject({ openapi: z.string() }),
      isBare: true,
      hasEtag: true,
      errors: { 400: ["http/unknown-parameter"] },
      example: {},
    },
  ],
};
