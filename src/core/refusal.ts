import * as z from "zod";

/** An API error inside a successful response. */
export const Refusal = z.object({
  code: z.string(),
  reason: z.string(),
  message: z.string(),
  details: z.array(z.looseObject({ path: z.string(), message: z.string() })).optional(),
});
