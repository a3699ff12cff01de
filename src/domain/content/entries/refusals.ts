import { cutText } from "../../../core/cut-text.ts";
import { AppError, invalid, notFound, type ErrorDetail } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { MAX_TREE_LEVELS, type CompiledType, type EnvironmentSchema } from "../types/index.ts";

export function noSuchEntry(type: string, id: string): AppError {
  return notFound("content/not-found", `There is no ${type} "${id.slice(0, 200)}".`);
}

/** NOT_FOUND: `-` in place of an id, of a type with any number of entries. */
export const notSingleton = (type: string): AppError =>
  notFound("content/not-singleton", `"${type}" is not a singleton: name an entry by its id or slug.`);

/** CONFLICT: the one entry of the type is there. */
export const singletonTaken = (type: string): AppError =>
  new AppError(
    "CONFLICT",
    "content/singleton-taken",
    `"${type}" is a singleton, and has its entry already: change it with PUT /content/${type}/-.`,
    { details: [{ path: "id", message: "must be that of the entry there is, or -" }] },
  );

/** CONFLICT: an entry cannot stand where its parent, which `path` names, would put it. */
export function outOfTree(path: string, { tree }: { tree: "cycle" | "depth" }): AppError {
  const [reason, message] =
    tree === "cycle"
      ? ["content/tree-cycle", "would put an entry below itself"]
      : ["content/tree-too-deep", `would make a tree of more than ${MAX_TREE_LEVELS} levels`];
  return new AppError("CONFLICT", reason, `${path} ${message}.`, { details: [{ path, message }] });
}

export function noSuchVersion({
  type,
  id,
  version,
}: {
  type: string;
  id: string;
  version?: number | undefined;
}) {
  if (version === undefined) return noSuchEntry(type, id);
  return notFound(
    "content/no-such-version",
    `There is no version ${version} of the ${type} "${id.slice(0, 100)}".`,
  );
}

export function versionConflict(current: number, asked: number | undefined): AppError {
  const message = `The entry is at version ${current}, not ${asked ?? "the one you changed"}: read it again and repeat the change.`;
  return new AppError("CONFLICT", "content/version-conflict", message, {
    details: [{ path: "version", message: `is ${current} now`, current_version: current }],
  });
}

/** A unique value that another entry has. */
export type Taken = { field: string; locale: string; value: string; entry: string };

/** CONFLICT: a unique value is taken; only callers who may read all entries see by which entry. */
export function notUnique(taken: Taken[], type: CompiledType, isDiscreet: boolean): AppError {
  const details: ErrorDetail[] = taken.map(({ field, locale, value, entry }) => {
    const [first, ...others] = field.split(",") as [string, ...string[]];
    const what = others.length === 0 ? `"${value.slice(0, 100)}"` : `the same with ${others.join(", ")}`;
    return {
      path: locale === "" ? first : `${first}.${locale}`,
      message: `${what} ${isDiscreet ? "is taken" : `belongs to ${entry}`} already: choose another`,
      ...(isDiscreet ? {} : { entry }),
    };
  });
  const isSlug = taken.some(({ field }) => type.fields.get(field)?.type === "slug");
  const reason = isSlug ? "content/slug-taken" : "content/not-unique";
  return new AppError("CONFLICT", reason, `${details[0]!.path}: ${details[0]!.message}.`, { details });
}

/** INVALID: rules of the type are broken, or values are missing that it requires under a condition. */
export function rulesBroken(type: string, details: ErrorDetail[]): AppError {
  const [{ path, message }] = details as [ErrorDetail];
  const first = message === "is required" ? `${path} ${message}` : message;
  return invalid(
    "content/rule-violated",
    `The entry does not keep to the rules of ${type}: ${first}`.replace(/[.?!]?$/, (end) => end || "."),
    details,
  );
}

/** INVALID: there is no such locale; `*` is one where every locale can be meant. */
export function unknownLocale(
  schema: EnvironmentSchema,
  locale: string,
  { path = "locale", takesEvery = true }: { path?: string; takesEvery?: boolean } = {},
) {
  const codes = [...schema.chains.keys()];
  const known = codes.slice(0, 30).join(", ");
  if (locale === "*" && path === "locale")
    return invalid("content/unknown-locale", "This is computed in one locale at a time.", [
      { path, message: `must be one of ${known}` },
    ]);
  return invalid(
    "content/unknown-locale",
    `There is no locale "${cutText(locale, 35)}".${didYouMean(locale, codes)}`,
    [{ path, message: `must be one of ${known}${takesEvery ? " or *" : ""}` }],
  );
}
