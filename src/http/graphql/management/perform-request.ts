import {
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  type GraphQLField,
  type GraphQLInputType,
} from "graphql";
import { AppError, invalid, type ErrorCode } from "../../../core/errors.ts";
import { etagOf } from "../../../core/preconditions.ts";
import { renamingPaths } from "../graphql-paths.ts";
import { camelCase, restName } from "../names.ts";
import type { Place } from "../operation-fields.ts";
import type { EntryValues, RequestState } from "../request-state.ts";
import type { ManagementField } from "./create-management.ts";

/** A request of REST, with its place in the document when it writes. */
export type RestRequest = {
  worker: ManagementField["worker"];
  method: string;
  /** Below `/api/v3`, with its query. */
  path: string;
  body?: unknown;
  ifMatch?: string;
};
export type SendRequest = (request: RestRequest) => Promise<Response>;

/** A root field and what carries it out. */
type Root = {
  operation: ManagementField;
  field: Pick<GraphQLField<unknown, unknown>, "args" | "type">;
  /** `TypeInput.field` of inputs that may be null. */
  mayBeNull: ReadonlySet<string>;
};
type Envelope = {
  data?: unknown;
  pagination?: { total_items?: number; next_cursor: string | null };
  error?: { code: ErrorCode; reason: string; message: string; details: { path: string; message: string }[] };
};

/** Does what a root field says by the request of REST that does it; throws what that is refused with. */
export async function performRequest(
  root: Root,
  args: EntryValues,
  { found, send }: RequestState & { send: SendRequest },
): Promise<unknown> {
  const { operation } = root;
  found.isCacheable = false;
  if (operation.method !== "get") found.hasWritten = true;
  const { params, query, body } = placed(root, args);
  const ifVersion = args["ifVersion"] as number | null | undefined;
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const response = await send({
    worker: operation.worker,
    method: operation.method.toUpperCase(),
    path: pathOf(operation.path, params) + (search.size > 0 ? `?${search}` : ""),
    ...(operation.hasBody ? { body } : {}),
    ...(typeof ifVersion === "number" && !("ifVersion" in operation.places)
      ? { ifMatch: etagOf(ifVersion) }
      : {}),
  });
  const { data, pagination } = await renamingPaths(
    () => envelopeOf(response),
    (path) => writtenPath(root, args, path),
  );
  // What is deleted is answered by its id, the last one in the path.
  if (data === undefined) return isLeafType(root.field.type) ? Object.values(params).at(-1) : null;
  if (!operation.isList) return data;
  return {
    items: data,
    total_count: pagination?.total_items ?? null,
    next_cursor: pagination?.next_cursor ?? null,
  };
}

/** The arguments where REST has them. */
function placed({ operation, field, mayBeNull }: Root, args: EntryValues) {
  const asked: Record<"params" | "query" | "body", EntryValues> = { params: {}, query: {}, body: {} };
  for (const [argument, place] of Object.entries(operation.places)) {
    const given = args[argument] ?? (place.like === undefined ? undefined : args[place.like]);
    const isNull = given === null || (given === undefined && place.isNullable);
    const type = field.args.find(({ name }) => name === argument)!.type;
    if (isNull) {
      if (place.isNullable || place.mayBeNull) asked[place.in][place.name] = null;
    } else if (given !== undefined) asked[place.in][place.name] = inRestNames(given, type, mayBeNull);
  }
  return asked;
}

/** A value as REST calls its parts. Null where nothing may be null says nothing. */
function inRestNames(value: unknown, type: GraphQLInputType, mayBeNull: ReadonlySet<string>): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable) && Array.isArray(value))
    return value.map((one) => inRestNames(one, nullable.ofType, mayBeNull));
  if (!isInputObjectType(nullable) || value === null) return value;
  const fields = nullable.getFields();
  const parts = Object.entries(value as EntryValues).filter(
    ([name, part]) => part !== null || mayBeNull.has(`${nullable.name}.${restName(name)}`),
  );
  return Object.fromEntries(
    parts.map(([name, part]) => [restName(name), inRestNames(part, fields[name]!.type, mayBeNull)]),
  );
}

/** The path of a request: a segment for each parameter, whatever is in it. */
function pathOf(path: string, params: EntryValues): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name]);
    if (value !== "" && !/^\.\.?$/.test(value) && value.isWellFormed() && !NEVER.test(value))
      return encodeURIComponent(value);
    const message = "must be an id, or a name";
    throw invalid("graphql/bad-argument", `${camelCase(name)} ${message}.`, [
      { path: camelCase(name), message },
    ]);
  });
}
/** What is no part of a path of REST, whatever it is encoded as. */
// oxlint-disable-next-line no-control-regex
const NEVER = /[\u0000-\u001f\u007f-\u009f\\/]/;

/** What REST answered; throws what it refused. What failed there is said as any failure is. */
async function envelopeOf(response: Response): Promise<Envelope> {
  const text = await response.text();
  if (response.ok && text === "") return {};
  const { error, ...answer } = parsed(text);
  if (response.ok) return answer;
  if (!error || (response.status >= 500 && error.code !== "UNAVAILABLE"))
    throw new Error(`REST answered ${response.status}: ${text.slice(0, 500)}`);
  const { code, reason, message, details } = error;
  throw new AppError(code, reason, message, { status: response.status, details });
}

function parsed(text: string): Envelope {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return {};
  }
}

/** `ip_ranges[0]` of a body is the argument `ipRanges[0]`, and so at every depth. */
function writtenPath({ operation, field }: Root, args: EntryValues, path: string): string {
  const name = /^\w+/.exec(path)?.[0] ?? "";
  const places = Object.entries(operation.places).filter(([, place]) => place.name === name);
  const isSaid = ([argument, { like }]: [string, Place]) => like === undefined || args[argument] != null;
  const [argument] = places.find((one) => one[1].in !== "params" && isSaid(one)) ?? places[0] ?? [];
  if (argument === undefined) return path;
  let type: GraphQLInputType | undefined = field.args.find((one) => one.name === argument)!.type;
  const steps = path.slice(name.length).match(/\[\d+\]|\.\w+|.+/gs) ?? [];
  const written = steps.map((step) => {
    const here: GraphQLInputType | undefined = type && getNullableType(type);
    type = undefined;
    if (isListType(here) && step.startsWith("[")) type = here.ofType as GraphQLInputType;
    const part = isInputObjectType(here) ? here.getFields()[camelCase(step.slice(1))] : undefined;
    if (!part || !step.startsWith(".")) return step;
    type = part.type;
    return `.${part.name}`;
  });
  return argument + written.join("");
}
