import * as z from "zod";

export const Identifier = z
  .string()
  .max(63, "at most 63 characters")
  .regex(
    /^[a-z](?:_?[a-z0-9])*$/,
    "lower-case letters, digits and single underscores, starting with a letter",
  );
export const Label = z.string().max(200);
