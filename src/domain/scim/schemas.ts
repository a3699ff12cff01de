import * as z from "zod";
import { invalid } from "../../core/errors.ts";
import { uncleanPath } from "../../core/parse-input.ts";

export const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
export const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
export const MAX_RESULTS = 200;

/** Entra ID writes booleans as words. */
export const Flag = z.union([
  z.boolean(),
  z
    .string()
    .regex(/^(?:true|false)$/i)
    .transform((word) => word.toLowerCase() === "true"),
]);
const Text = z.string().max(300);

export const UserInput = z.object({
  userName: z.string().min(1).max(254),
  externalId: Text.nullish(),
  displayName: Text.nullish(),
  name: z
    .object({ formatted: Text.nullish(), givenName: Text.nullish(), familyName: Text.nullish() })
    .nullish(),
  active: Flag.default(true),
});
export const GroupInput = z.object({
  displayName: z.string().trim().min(1).max(200),
  externalId: Text.nullish(),
  members: z
    .array(z.object({ value: z.string().max(64) }))
    .max(10_000)
    .nullish(),
});
export const PatchInput = z.object({
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((word) => word.toLowerCase())
          .pipe(z.enum(["add", "remove", "replace"])),
        path: z.string().max(500).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(1000),
});
export type PatchOperation = z.infer<typeof PatchInput>["Operations"][number];

export const ListQuery = z.object({
  filter: z.string().max(1000).optional(),
  startIndex: z.coerce
    .number()
    .int()
    .catch(1)
    .transform((at) => Math.max(1, at)),
  count: z.coerce
    .number()
    .int()
    .catch(100)
    .transform((many) => Math.min(MAX_RESULTS, Math.max(0, many))),
  excludedAttributes: z.string().optional(),
});

/** Reads what a client sent. Throws INVALID 400 `scim/invalid-value`. */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) {
    const unclean = uncleanPath(input);
    if (unclean === undefined) return parsed.data;
    throw badValue(`${unclean} must be valid Unicode without NUL characters`);
  }
  const problems = parsed.error.issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw badValue(problems.join("; "));
}

/** The refusal of a value. */
export const badValue = (message: string) => invalid("scim/invalid-value", message.slice(0, 500), [], 400);
