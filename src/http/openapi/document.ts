import manifest from "../../../package.json" with { type: "json" };
import { METHODS, type OperationFacts, type OperationGroup } from "../../core/operation.ts";
import { SHARED } from "./components.ts";
import { describeOperation, type Described } from "./describe-operation.ts";
import { describeWebhooks } from "./webhooks.ts";
import { schemaWriter, type JsonSchema } from "./json-schema.ts";

export type PathItem = Partial<Record<(typeof METHODS)[number], Described>>;
export type ApiDocument = {
  openapi: "3.1.1";
  info: JsonSchema;
  servers: { url: string; description: string }[];
  security: object[];
  tags: { name: string; description: string }[];
  paths: Record<string, PathItem>;
  webhooks: Record<string, object>;
  components: { schemas: Record<string, JsonSchema> } & Record<string, object>;
};

const DESCRIPTION = `FlowCMS stores structured content and delivers it from the nearest edge.

Every response is \`{ "status": "success", "data": … }\`, lists with \`pagination\`; every error is \`{ "status": "error", "error": { code, reason, message, details, request_id } }\` with one closed set of codes. Datetimes are ISO 8601 in UTC. Ids have a prefix and sort by time.`;

/** The OpenAPI 3.1 document of the operations that the slices describe. */
export function createDocument(groups: readonly OperationGroup[]): ApiDocument {
  const named = Object.assign({}, ...groups.map((group) => group.schemas)) as OperationGroup["schemas"];
  const { write, components } = schemaWriter(named);
  const paths: Record<string, PathItem> = {};
  for (const { tag, operations } of groups)
    for (const operation of operations)
      (paths[operation.path] ??= {})[operation.method] = describeOperation(operation, tag, write);
  return {
    openapi: "3.1.1",
    info: {
      title: "FlowCMS",
      version: manifest.version,
      summary: "The content API.",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
      contact: { name: "FlowCMS" },
    },
    servers: [{ url: "/api/v3", description: "The server of this document." }],
    security: [{ token: [] }],
    tags: groups.map(({ tag, description }) => ({ name: tag, description })),
    paths,
    webhooks: describeWebhooks(write),
    components: { ...SHARED, schemas: { ...sorted(components), ...SHARED.schemas } },
  };
}

/** Every operation of the groups. */
export const operationsOf = (groups: readonly OperationGroup[]): OperationFacts[] =>
  groups.flatMap((group) => group.operations);

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
