import type * as z from "zod";
import type { OperationFacts } from "../../core/operation.ts";
import type { JsonSchema } from "../../http/openapi/json-schema.ts";
import { commentText, typeText } from "./type-text.ts";

type Write = (schema: z.ZodType) => JsonSchema;
/** One method of an API: how it is declared, and how it is carried out. */
type Method = { type: string; code: string };

/** What the client has under one name, such as `tokens`. */
export type Api = {
  name: string;
  operations: OperationFacts[];
};

/** Operations by the first step of their calls. */
export function apisOf(operations: readonly OperationFacts[]): Api[] {
  const apis = new Map<string, Api>();
  for (const operation of operations) {
    if (!operation.sdk) continue;
    const name = operation.sdk.call.split(".")[0]!;
    const api = apis.get(name) ?? { name, operations: [] };
    apis.set(name, api);
    api.operations.push(operation);
  }
  return [...apis.values()];
}

/** `tokens` is of the type `Tokens`; a few are called otherwise, since their own name says too little. */
const TYPES: Record<string, string> = {
  access: "AccessApi",
  oauth: "OAuth",
  review: "ReviewApi",
  tenant: "TenantApi",
};
export const apiType = (name: string): string => TYPES[name] ?? name[0]!.toUpperCase() + name.slice(1);

/** The module of one API: its type, and the function that makes it of a way to call. */
export function apiText({ name, operations }: Api, write: Write): string {
  const tree: Tree = new Map();
  for (const operation of operations) place(tree, operation.sdk!.call.split(".").slice(1), operation);
  const isTyped = operations.some(ofContentType);
  const generic = isTyped ? "<S extends SchemaShape>" : "";
  const type = apiType(name);
  const shape = treeText(tree, (operation, step) => methodText(operation, step, write).type);
  const code = treeText(tree, (operation, step) => methodText(operation, step, write).code, ",");
  const declared = `export type ${type}${generic} = ${shape};\n\nexport const ${name}Of = ${generic}(ask: Ask): ${type}${isTyped ? "<S>" : ""} => (${code});\n`;
  return declared;
}

type Tree = Map<string, OperationFacts | Tree>;

function place(tree: Tree, [step, ...rest]: string[], operation: OperationFacts): void {
  if (rest.length === 0) {
    tree.set(step!, operation);
    return;
  }
  const inner = (tree.get(step!) as Tree | undefined) ?? new Map();
  tree.set(step!, inner as Tree);
  place(inner as Tree, rest, operation);
}

function treeText(tree: Tree, leaf: (operation: OperationFacts, step: string) => string, end = ";"): string {
  const lines = [...tree].map(([step, node]) =>
    node instanceof Map ? `${step}: ${treeText(node, leaf, end)}${end}` : leaf(node, step),
  );
  return `{\n${lines.join("\n")}\n}`;
}

/** Whether it is about entries of a content type, whose ids the compiler knows. */
const ofContentType = ({ path }: OperationFacts): boolean => path.startsWith("/content/{type}");

function methodText(operation: OperationFacts, step: string, write: Write): Method {
  const { method, path, sdk, answer, isList, summary, description, body, query } = operation;
  const comment = commentText(`${summary}. ${description}`);
  const item = answer ? typeText(itemOf(write(answer)), "answered") : "void";
  const filters = Object.entries(query?.shape ?? {}).filter(([name]) => name !== "environment");
  if (isList && filters.some(([name]) => name === "cursor"))
    return listText(operation, step, item, filters, write);

  const args: string[] = [];
  const names: string[] = [];
  const steps = path
    .slice(1)
    .split("/")
    .map((segment) => {
      if (!segment.startsWith("{")) return JSON.stringify(segment);
      const name = segment.slice(1, -1);
      args.push(
        `${name}: ${name === "type" && ofContentType(operation) ? "TypeId<S>" : numberOr(operation, name)}`,
      );
      names.push(name);
      return name;
    });
  const parts: string[] = [];
  if (body) {
    const schema = write(body);
    const { name, type, isOptional } = bodyArgument(schema, sdk!.body);
    const loose = sdk!.isLoose ? " | { [name: string]: unknown }" : "";
    args.push(`${name}${isOptional ? "?" : ""}: ${type}${loose}`);
    names.push(isOptional && sdk!.body === undefined ? `${name} = {}` : name);
    parts.push(sdk!.body === undefined ? (name === "body" ? "body" : `body: ${name}`) : `body: { ${name} }`);
  }
  if (filters.length > 0) {
    const isOptional = filters.every(([, schema]) => (schema as z.ZodType).safeParse(undefined).success);
    args.push(`query${isOptional ? "?" : ""}: ${queryText(filters, write)}`);
    names.push(isOptional ? "query = {}" : "query");
    parts.push("query: queryString(query)");
  }
  if (sdk!.isOnce) parts.push("isOnce: true");
  else if (method === "put" && filters.some(([name]) => name === "version"))
    parts.push("isOnce: query.version !== undefined");
  args.push("options?: CallOptions");
  names.push("options");
  const ask = `ask("${method.toUpperCase()}", pathOf(${steps.join(", ")}), {${parts.join(", ")}}, options)`;
  const result = resultOf(operation, answer ? typeText(write(answer), "answered") : "void", write);
  const code = result.code(`await ${ask}`);
  return {
    type: `${comment}${step}(${args.join(", ")}): Promise<${result.type}>;`,
    code: `${step}: async (${names.join(", ")}) => ${code},`,
  };
}

function resultOf(
  { answer, sdk, statuses, beside: around }: OperationFacts,
  data: string,
  write: Write,
): { type: string; code: (asked: string) => string } {
  const { outcome, beside } = sdk!;
  if (!answer) return { type: "void", code: (asked) => `void (${asked})` };
  if (statuses?.includes(204)) return { type: `${data} | undefined`, code: (asked) => `dataIn(${asked})` };
  if (outcome === undefined) return { type: data, code: (asked) => `dataOf(${asked})` };
  const more = beside && around?.[beside] ? typeText(write(around[beside]), "answered") : undefined;
  return {
    type: `{ ${outcome}: ${data}; outcome: Outcome${more ? `; ${beside}: ${more}` : ""} }`,
    code: (asked) =>
      `{ const answer = ${asked}; return { ${outcome}: dataOf(answer), outcome: outcomeOf(answer)${more ? `, ${beside}: besideOf(answer, "${beside}")` : ""} }; }`,
  };
}

function listText(
  { path, sdk }: OperationFacts,
  step: string,
  item: string,
  filters: [string, unknown][],
  write: Write,
): Method {
  if (step !== "list") throw new Error(`${sdk!.call}: a list with cursors must be called list.`);
  const own = filters.filter(([name]) => name !== "cursor" && name !== "limit");
  const types = own.length === 0 ? item : `${item}, ${queryText(own, write)}`;
  const steps = path.slice(1).split("/");
  if (steps.some((one) => one.startsWith("{"))) {
    const asked = steps.map((one) => (one.startsWith("{") ? "id" : JSON.stringify(one))).join(", ");
    return {
      type: `list: ListBelow<${types}>["list"];\niterate: ListBelow<${types}>["iterate"];`,
      code: `...listBelow<${types}>(ask, (id) => pathOf(${asked})),`,
    };
  }
  const made = `listOf<${types}>(ask, ${steps.map((one) => JSON.stringify(one)).join(", ")})`;
  return {
    type: `list: ListOf<${types}>["list"];\niterate: ListOf<${types}>["iterate"];`,
    code: `...${made},`,
  };
}

const itemOf = (schema: JsonSchema): JsonSchema => (schema["items"] as JsonSchema | undefined) ?? schema;

const numberOr = ({ path }: OperationFacts, name: string): string =>
  name === "version" && path.includes("{version}") ? "number" : "string";

/** What a query takes: texts that say true or false are booleans. */
function queryText(filters: [string, unknown][], write: Write): string {
  const parts = filters.map(([name, schema]) => {
    const isOptional = (schema as z.ZodType).safeParse(undefined).success;
    const written = write(schema as z.ZodType);
    const values = (written["enum"] as unknown[] | undefined)?.toString();
    const type = values === "true,false" || values === "true" ? "boolean" : typeText(written, "given");
    return `${commentText(written["description"] as string | undefined)}${name}${isOptional ? "?" : ""}: ${type}${isOptional ? " | undefined" : ""};`;
  });
  return `{\n${parts.join("\n")}\n}`;
}

/** The argument that a body is given by: named by its type, or the one part that is the whole of it. */
function bodyArgument(schema: JsonSchema, part: string | undefined) {
  if (part !== undefined) {
    const inner = (schema["properties"] as Record<string, JsonSchema> | undefined)?.[part] ?? {};
    const isOptional = !(schema["required"] as string[] | undefined)?.includes(part);
    return { name: part, type: typeText(inner, "given"), isOptional };
  }
  const type = typeText(schema, "given");
  const bare = /^New(\w+)$/.exec(type)?.[1];
  const name = bare ? bare[0]!.toLowerCase() + bare.slice(1) : type.endsWith("Change") ? "change" : "body";
  const isOptional =
    schema["$ref"] === undefined && ((schema["required"] as string[] | undefined) ?? []).length === 0;
  return { name, type, isOptional };
}
