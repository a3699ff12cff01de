import type { Context } from "../../core/context.ts";

export type EntryValues = Record<string, unknown>;

/** The context value of the resolvers: the request's context, and what is collected for its response. */
export type RequestState = {
  ctx: Context;
  /** Cache tags of the answer. */
  tags: Set<string>;
  found: {
    /** False once something was read or written that belongs in no cache. */
    isCacheable: boolean;
    /** Whether a mutation was begun: it is not to be done again. */
    hasWritten: boolean;
    /** What executing the document may cost, once it is known. */
    cost: number | undefined;
    /** How far the document came: what is wrong without a reason of ours was found there. */
    stage: "syntax" | "validation" | "execution";
    /** Whether the document did not fit the schema. */
    isInvalid: boolean;
    /**
     * What a write threw because its Idempotency-Key was used before: the first answer is to be given
     * again.
     */
    repeated: unknown;
    /** What is said beside the data of root fields, by their names in the answer. */
    beside: Record<string, Record<string, unknown>>;
  };
  /** The GraphQL type of an entry of a content type. */
  objectName(typeId: string | undefined): string;
  /** Counts against the tenant's quota; throws QUOTA_EXCEEDED. */
  countWrite(): void;
};
