import * as z from "zod";

/** An error of the API that stands in an answer. */
export const Refusal = z.object({
  code: z.string(),
  reason: z.string(),
  message: z.string(),
  details: z.array(z.looseObject({ path: z.string(), message: z.string() })).optional(),
});
