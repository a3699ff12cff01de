import * as z from "zod";

/** An e-mail address, trimmed and in lower case. */
export const EmailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email("must be an e-mail address"));
