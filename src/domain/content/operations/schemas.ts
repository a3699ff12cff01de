import * as z from "zod";

export const OperationName = z
  .string()
  .regex(/^[A-Za-z_][\w.-]{0,199}$/, "must be letters, digits, _, . and -, starting with a letter");
export const NewOperation = z.strictObject({
  document: z.string().min(1).max(16_384).describe("A GraphQL document with one or more operations."),
});
export type NewOperation = z.infer<typeof NewOperation>;

/** A GraphQL document that clients run by its name. */
export const RegisteredOperation = z.object({
  name: z.string(),
  document: z.string(),
  updated_at: z.iso.datetime(),
  updated_by: z.string(),
});
export type RegisteredOperation = z.infer<typeof RegisteredOperation>;
