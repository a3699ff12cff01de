import type { Context, QuotaPort } from "../../core/context.ts";

export type EntryValues = Record<string, unknown>;

/** The context value of the resolvers: the request's context, and what is collected for its response. */
export type RequestState = {
  ctx: Context;
  /** The request as after releases that the document names. */
  previews: Map<string, Promise<Context>>;
  /** Cache tags of the answer. */
  tags: Set<string>;
  found: {
    /** False once something was read or written that belongs in no cache. */
    isCacheable: boolean;
    /** Whether a mutation has started: then it must not be repeated. */
    hasWritten: boolean;
    /** What executing the document may cost, once it is known. */
    cost: number | undefined;
    /** The stage of processing: errors without our own reason belong to it. */
    stage: "syntax" | "validation" | "execution";
    /** Whether the document did not fit the schema. */
    isInvalid: boolean;
    /** The error of a write whose Idempotency-Key was used before: the first response is sent again. */
    repeated: unknown;
    /** Whether the tokens of the document were taken, or not there. */
    quota: "untaken" | "taken" | "used-up";
    /** Additional data of root fields, by their response names; sent in `extensions`. */
    beside: Record<string, Record<string, unknown>>;
  };
  /** The GraphQL type of an entry of a content type. */
  objectName(typeId: string | undefined): string;
  /** What the document as a whole takes from, before it is executed; `ctx` takes nothing more. */
  quota: QuotaPort;
};
