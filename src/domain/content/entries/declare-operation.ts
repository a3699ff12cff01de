import * as z from "zod";
import { answered, type AnswerFacts } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares } from "../../../core/operation.ts";
import { draftAt } from "./read/index.ts";
import type { WorkingCopy } from "./schemas.ts";
import type { Restored } from "./versions/index.ts";
import { besideOf } from "./write/index.ts";
import { EntryId } from "./schemas.ts";

export const operation = declares<Context>("content/bad-query");

export const type = z.string().max(63).describe("The id of a content type, such as `blog_post`.");
export const ofEntry = { type, id: EntryId };
/** What has an entry's id in the path is no slug with slashes in it. */
export const patterns = { id: "cnt_[0-9a-z]+" };
export const missing = { 404: ["content/not-found"] } as const;

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
