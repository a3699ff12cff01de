import type * as z from "zod";
import type { Permission } from "./permissions.ts";

export const METHODS = ["get", "post", "put", "patch", "delete"] as const;
export type Method = (typeof METHODS)[number];
export type AnswerStatus = 200 | 201 | 204 | 206 | 302 | 304;
export type ErrorStatus = 400 | 402 | 404 | 405 | 406 | 409 | 411 | 412 | 413 | 415 | 416 | 422 | 503;

/** A request that works as it stands, run in order by the tests, the `data` that it is answered and what stands beside it. */
export type OperationExample = {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  request?: unknown;
  response?: unknown;
  beside?: Readonly<Record<string, unknown>>;
};

/**
 * One REST operation as the API document describes it. What every operation may answer (no token, missing scope, too
 * many requests, a body that is no JSON) is added by the document.
 *
 * @example { method: "get", path: "/tokens", operationId: "listTokens", summary: "List tokens", … }
 */
export type Operation = {
  method: Method;
  /** Below `/api/v3`, with parameters in braces. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  /** `any`: a token, whatever it may do. Null when no token is needed. */
  permission: Permission | "any" | null;
  /** One schema for each name in braces. */
  params?: Readonly<Record<string, z.ZodType>>;
  query?: z.ZodObject;
  /** Whether it reads `If-Match`. */
  isConditional?: boolean;
  /** Whether it answers an `ETag`. */
  hasEtag?: boolean;
  body?: z.ZodType;
  /** The parts of a form that is taken in place of JSON; its file is the part `file`. */
  form?: z.ZodObject;
  /** What stands in `data`; absent for 204. */
  answer?: z.ZodType;
  /** Whether the answer has `pagination`. */
  isList?: boolean;
  /** What may stand beside `data`. */
  beside?: Readonly<Record<string, z.ZodType>>;
  /** Whether the answer is the bytes of a file. */
  isFile?: boolean;
  /** Whether the answer is not in the envelope of the API. */
  isBare?: boolean;
  /** What success looks like; 200 when absent. */
  statuses?: readonly AnswerStatus[];
  /** The slice's own reasons by HTTP status. */
  errors?: Readonly<Partial<Record<ErrorStatus, readonly string[]>>>;
  /** What errors look like where they are not the envelope. */
  errorAnswer?: z.ZodType;
  example: OperationExample;
};

/** What a slice says of its REST: one section, the schemas that have a name, and the operations. */
export type OperationGroup = {
  tag: string;
  description: string;
  schemas: Readonly<Record<string, z.ZodType>>;
  operations: readonly Operation[];
};
