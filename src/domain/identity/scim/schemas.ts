import * as z from "zod";
import { AppError, invalid } from "../../../core/errors.ts";
import { uncleanPath } from "../../../core/parse-input.ts";
import { PlainName } from "../../../core/plain-name.ts";

export const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
export const MAX_RESULTS = 200;
export const MAX_MEMBERS = 10_000;
const MAX_PAGES = 1_000_000_000;

const Text = z.string().max(300);
export const UserInput = z.looseObject({
  userName: z.string().min(1).max(254),
  externalId: Text.nullish(),
  active: z.boolean().default(true),
});
export const GroupInput = z.looseObject({
  displayName: PlainName.min(1),
  externalId: Text.nullish(),
  members: z
    .array(z.object({ value: z.string().max(64) }))
    .max(MAX_MEMBERS)
    .nullish(),
});
/** Names of the message itself come in any case too. */
const Operation = z.preprocess(
  inLowerCase,
  z.object({
    op: z
      .string()
      .transform((word) => word.toLowerCase())
      .pipe(z.enum(["add", "remove", "replace"])),
    path: z
      .string()
      .nullish()
      .transform((path) => path ?? undefined),
    value: z.unknown().optional(),
  }),
);
export const PatchInput = z.preprocess(
  inLowerCase,
  z.object({ operations: z.array(Operation).min(1).max(1000) }),
);
export type PatchOperation = { op: "add" | "remove" | "replace"; path?: string | undefined; value?: unknown };

function inLowerCase(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A whole number in a query; what is far out is as far as it goes. */
const whole = (least: number, most: number) =>
  z
    .string()
    .trim()
    .regex(/^[+-]?\d{1,400}$/, "must be a whole number")
    .transform((text) => Math.min(most, Math.max(least, Number(text))));

export const ListQuery = z.object({
  filter: z.string().optional(),
  startIndex: whole(1, MAX_PAGES).default(1),
  count: whole(0, MAX_RESULTS).default(100),
  attributes: z.string().optional(),
  excludedAttributes: z.string().optional(),
});

/**
 * Parses client input; `name` is the attribute, absent for a message or resource. Throws INVALID 400
 * `scim/invalid-value` with the path.
 */
export function readInput<T>(schema: z.ZodType<T>, input: unknown, name = ""): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw badValue(problemsOf(parsed.error, name));
  const unclean = uncleanPath(input);
  if (unclean === undefined) return parsed.data;
  throw badValue(`${pathOf([name, unclean])}: must be valid Unicode without NUL characters`);
}

/** Reads a PATCH. Throws INVALID 400 `scim/invalid-syntax` for what is none. */
export function readPatch(input: unknown): PatchOperation[] {
  const parsed = PatchInput.safeParse(input);
  if (parsed.success) return parsed.data.operations;
  throw invalid("scim/invalid-syntax", problemsOf(parsed.error, "").slice(0, 500), [], 400);
}

const problemsOf = ({ issues }: z.ZodError, name: string): string =>
  issues
    .slice(0, 10)
    .map(({ path, message }) => `${pathOf([name, ...path])}: ${message}`)
    .join("; ");

/** A place as `members[0].value`; without any step it is the body. */
function pathOf(steps: PropertyKey[]): string {
  const place = steps.reduce<string>((before, step) => {
    if (typeof step === "number") return `${before}[${step}]`;
    return before === "" || step === "" ? before + String(step) : `${before}.${String(step)}`;
  }, "");
  return place === "" ? "The body" : place.slice(0, 100);
}

/** The refusal of a value. */
export const badValue = (message: string) => invalid("scim/invalid-value", message.slice(0, 500), [], 400);
export const noTarget = (message: string) => invalid("scim/no-target", message, [], 400);
export const changedMeanwhile = () =>
  new AppError(
    "PRECONDITION_FAILED",
    "scim/version-mismatch",
    "The resource has a newer version: read it again.",
  );

const Search = z.object({
  filter: z.string().optional(),
  startIndex: z.number().optional(),
  count: z.number().optional(),
  attributes: z.array(z.string()).optional(),
  excludedAttributes: z.array(z.string()).optional(),
});

/** A POSTed search as the query that says the same. */
export function readSearch(body: unknown): Record<string, string> {
  const search = readInput(Search, body);
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
