import * as z from "zod";
import { answered, type AnswerFacts } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation } from "../../../core/operation.ts";
import { draftAt, ONLY_ENTRY } from "./read/index.ts";
import type { WorkingCopy } from "./schemas.ts";
import type { Restored } from "./versions/index.ts";
import { addressOf, besideOf } from "./write/index.ts";
import { EntryAddress } from "./schemas.ts";

export const operation = declares<Context>("content/bad-query");

export const type = z.string().max(63).describe("The id of a content type, such as `blog_post`.");
export const ofEntry = { type, id: EntryAddress };
/** What has an entry's id in the path, or `-`, is no slug with slashes in it. */
export const patterns = { id: "(?:cnt_[0-9a-z]+|-)" };
export const missing = { 404: ["content/not-found"] } as const;

const NOT_THE_ONLY = ["content/unknown-type", "content/not-singleton"];

/** An operation on an entry in its path, for which `-` is the only one of a singleton. */
export const ofAddress = (operation: Operation<Context>): Operation<Context> => ({
  ...operation,
  errors: {
    ...operation.errors,
    404: [...new Set([...(operation.errors?.[404] ?? []), ...NOT_THE_ONLY])],
  },
  async run(ctx, input) {
    const params = (input as { params: { type: string; id: string } }).params;
    if (params.id !== ONLY_ENTRY) return operation.run(ctx, input);
    return operation.run(ctx, { ...input, params: { ...params, id: await addressOf(ctx, params) } } as never);
  },
});

/** A created or changed working copy. */
export const answeredEntry = (entry: WorkingCopy, facts: AnswerFacts = {}) =>
  answered(entry, {
    version: entry.version,
    ...(facts.status === 201 ? { location: draftAt(entry) } : {}),
    ...facts,
  });

/** An entry that came back, with what of it could not. */
export const answeredRestored = ({ entry, leftOut, notes }: Restored, facts: AnswerFacts = {}) =>
  answeredEntry(entry, { ...facts, beside: { left_out: leftOut, ...besideOf(notes) } });
