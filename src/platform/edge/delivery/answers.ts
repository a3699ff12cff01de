import { AnswerCache } from "./answer-cache.ts";

/** The answers in this isolate's memory. */
export const answers = new AnswerCache();
