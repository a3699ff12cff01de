import type * as z from "zod";
import type { Answered } from "./answers.ts";
import type { Context } from "./context.ts";
import type { Permission } from "./permissions.ts";
import type { Precondition } from "./preconditions.ts";

export const METHODS = ["get", "post", "put", "patch", "delete"] as const;
export type Method = (typeof METHODS)[number];
export type AnswerStatus = 200 | 201 | 204 | 206 | 302 | 304;
export type ErrorStatus = 400 | 402 | 404 | 405 | 406 | 409 | 411 | 412 | 413 | 415 | 416 | 422 | 503;

/**
 * A working request, run in order by the tests, with the `data` of its response and the properties next
 * to it.
 */
export type OperationExample = {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  request?: unknown;
  response?: unknown;
  beside?: Readonly<Record<string, unknown>>;
};

type Schemas = Readonly<Record<string, z.ZodType>>;
type NoSchemas = Record<never, never>;

/** The validated input of an operation. */
export type Input<P = Record<string, string>, Q = unknown, B = unknown> = {
  /** The path parameters. */
  params: { readonly [name in keyof P]: string };
  query: Q;
  body: B;
  /** What `If-Match` and `If-None-Match` ask for; of operations that are conditional. */
  precondition: Precondition | undefined;
  /** The version that it must be at, else a CONFLICT: how GraphQL says `If-Match`. */
  ifVersion?: number | undefined;
  /** The JSON of an open body. Throws as `readJson` does. */
  json(): Promise<unknown>;
  /** The request itself, for anything that is not JSON: open queries, files. REST only. */
  request: Request;
};

/**
 * How the SDK calls it: `members.invite`. `body`: the body's only property, passed as its own argument.
 * `outcome`: the property name of the written resource next to the outcome, `beside` that of what
 * stands beside it in the answer. `isOnce`: a PUT that must
 * not be sent twice. `isLoose`: accepts bodies from other sources, validated only by FlowCMS.
 */
export type SdkCall = {
  call: string;
  body?: string;
  outcome?: string;
  beside?: string;
  isOnce?: boolean;
  isLoose?: boolean;
};

/**
 * `pick` is the part of the answer that the field gives in place of the whole; one that `mayBeNull`
 * leaves the others of a document their answers when it is refused.
 */
export type GraphqlField = { field: string; pick?: string; mayBeNull?: boolean };

/**
 * The reason and the message of a body that does not fit its schema; texts below keys called
 * `unchecked` are checked by `run`.
 */
export type Invalid = readonly [reason: string, message: string, unchecked?: string];

/**
 * One operation: what it is called, takes, needs and answers, and what carries it out. Routes, the
 * API document and the clients are made of it. What every operation may answer (no token, missing
 * scope, too many requests, a body that is no JSON) is added by the document.
 *
 * @example { method: "get", path: "/tokens", operationId: "listTokens", summary: "List tokens", … }
 */
type Declared<C, P extends Schemas, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> = {
  method: Method;
  /** Below `/api/v3`, with parameters in braces. */
  path: string;
  /** Parameters of the path that are not any one segment: regular expressions by name. */
  patterns?: Readonly<Partial<Record<keyof P, string>>>;
  operationId: string;
  summary: string;
  description: string;
  /** `any`: a token, whatever it may do. Null when no token is needed. */
  permission: Permission | "any" | null;
  /** Whether `run` checks the permission, since it depends on the query. */
  isPermissionOpen?: boolean;
  /** One schema for each name in braces. */
  params?: P;
  query?: Q;
  /** Whether `run` reads the query itself, since it depends on the content type. */
  isQueryOpen?: boolean;
  /** Whether it reads `If-Match` and `If-None-Match`. */
  isConditional?: boolean;
  /** Whether it answers an `ETag`. */
  hasEtag?: boolean;
  body?: B;
  /** Whether `run` reads the body itself, since it depends on the content type, or may be a form. */
  isBodyOpen?: boolean;
  /** Whether a request without a body is one with an empty object. */
  isBodyOptional?: boolean;
  /** What a body is refused with that does not fit. */
  invalid?: Invalid;
  /** The parts of a form that is taken in place of JSON; its file is the part `file`. */
  form?: z.ZodObject;
  /** The schema of `data`; absent for 204. */
  answer?: A;
  /** Whether the answer has `pagination`. */
  isList?: boolean;
  /** The schema of properties next to `data`. */
  beside?: Schemas;
  /** Whether the answer is the bytes of a file. */
  isFile?: boolean;
  /** Whether the answer is not in the envelope of the API. */
  isBare?: boolean;
  /** Whether what the gateway knows of the tenant is old afterwards. */
  changesSnapshot?: boolean;
  /** The property with a secret: such a response is not stored for an idempotency key. */
  secret?: "token" | "client" | "ticket" | "secret";
  /** How many tokens of the quota for writes it takes; one when absent. Reads take none. */
  writes?: (body: z.output<B>) => number;
  /** How many tokens of the quota for costly reads a query takes; none when absent. */
  costlyReads?: (query: URLSearchParams) => number;
  /** What success looks like, the usual first; 200 when absent. */
  statuses?: readonly AnswerStatus[];
  /** The slice's own reasons by HTTP status; those of a bad query or body are known already. */
  errors?: Readonly<Partial<Record<ErrorStatus, readonly string[]>>>;
  /** What errors look like where they are not the envelope. */
  errorAnswer?: z.ZodType;
  /** The root field of GraphQL that does the same; absent where each content type has fields of its own. */
  graphql?: GraphqlField;
  /** The client's call; absent where it is written by hand, since its types are those of content. */
  sdk?: SdkCall;
  example: OperationExample;
  /**
   * Carries it out: the answer's `data`, with more about it in `answered`, or a whole response where
   * bytes pass through.
   */
  run: Run<C, P, z.output<Q>, z.output<B>, z.input<A>>;
};

type Result<D> = D | Answered<D> | Response;
type Run<C, P, Q, B, D> = (ctx: C, input: Input<P, Q, B>) => Result<D> | Promise<Result<D>>;

/** What the API document says of an operation. */
export type OperationFacts = Omit<
  Declared<never, Schemas, z.ZodObject, z.ZodType, z.ZodType>,
  "run" | "patterns"
> & { /** The reason of a query that does not fit. */ badQuery?: string };

/** An operation that can be carried out. */
export type Operation<C = never> = OperationFacts & {
  patterns?: Readonly<Record<string, string>>;
  badQuery: string;
  run: (ctx: C, input: Input<never, never, never>) => unknown;
};

/**
 * How a slice declares its operations: `const operation = declares<Context>("tokens/bad-query")`, then
 * `operation({ method, path, …, run })`, whose `run` is typed by its schemas.
 */
export const declares =
  <C extends Context>(badQuery: string) =>
  <
    P extends Schemas = NoSchemas,
    Q extends z.ZodObject = z.ZodObject<NoSchemas>,
    B extends z.ZodType = z.ZodUndefined,
    A extends z.ZodType = z.ZodVoid,
  >(
    operation: Declared<C, P, Q, B, A>,
  ): Operation<C> =>
    ({ badQuery, ...operation }) as unknown as Operation<C>;

/** What a slice offers: one section, the schemas that have a name, and the operations. */
export type OperationGroup<O extends OperationFacts = OperationFacts> = {
  tag: string;
  description: string;
  schemas: Schemas;
  operations: readonly O[];
};
