import { AppError, invalid } from "./errors.ts";

type EntityTag = { opaque: string; isWeak: boolean };

/**
 * The parsed `If-Match` and `If-None-Match` of a write: versions of which the resource must have one,
 * and versions it must not have. `any` is every existing version; a missing resource has none.
 */
export type Precondition = { only?: number[] | "any"; not?: number[] | "any" };

// oxlint-disable-next-line no-control-regex
const TAG = /[ \t,]*(W\/)?"([^"\u0000-\u0020\u007f]*)"[ \t]*/y;
const VERSION = /^[1-9]\d{0,8}$/;

/** The ETag of a thing that has versions. */
export const etagOf = (version: number): string => `"${version}"`;

/** The list of a header (RFC 9110, 8.8.3); undefined when it is none. */
function entityTags(header: string): EntityTag[] | "any" | undefined {
  const text = header.trim();
  if (text === "*") return "any";
  const tags: EntityTag[] = [];
  TAG.lastIndex = 0;
  for (let end = 0; end < text.length; end = TAG.lastIndex) {
    if (end > 0 && /^[ \t,]*$/.test(text.slice(end))) break;
    const found = end === 0 || text[end] === "," ? TAG.exec(text) : null;
    if (!found) return undefined;
    tags.push({ opaque: found[2]!, isWeak: found[1] !== undefined });
  }
  return tags.length === 0 ? undefined : tags;
}

/**
 * Whether `If-None-Match` names what would be answered: compared weakly, so that `W/"1"` and `"1"` are
 * one.
 */
export function isKnown(ifNoneMatch: string | null | undefined, etag: string): boolean {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return false;
  const tags = entityTags(ifNoneMatch);
  if (tags === undefined || tags === "any") return tags === "any";
  const { opaque } = (entityTags(etag) as EntityTag[] | undefined)?.[0] ?? {};
  return tags.some((tag) => tag.opaque === opaque);
}

/**
 * The precondition of a write; undefined when there is none. Throws INVALID for a header that is not a
 * list of ETags.
 */
export function readPrecondition(headers: Headers): Precondition | undefined {
  const only = versionsIn("If-Match", headers);
  const not = versionsIn("If-None-Match", headers);
  if (only === undefined && not === undefined) return undefined;
  return { ...(only === undefined ? {} : { only }), ...(not === undefined ? {} : { not }) };
}

function tagsIn(name: "If-Match" | "If-None-Match", header: string): EntityTag[] | "any" {
  const tags = entityTags(header);
  if (tags !== undefined) return tags;
  throw invalid(
    "http/bad-if-match",
    `${name} must be a list of ETags such as "3", or *.`,
    [{ path: name, message: 'must be like "3"' }],
    400,
  );
}

/**
 * `If-Match` compares strongly: a weak tag says nothing of whether a write was made from the very same
 * thing.
 */
function versionsIn(name: "If-Match" | "If-None-Match", headers: Headers): number[] | "any" | undefined {
  const header = headers.get(name);
  if (header === null) return undefined;
  const tags = tagsIn(name, header);
  if (tags === "any") return tags;
  return tags
    .filter(({ opaque, isWeak }) => VERSION.test(opaque) && !(isWeak && name === "If-Match"))
    .map(({ opaque }) => Number(opaque));
}

/** Whether a resource at this version meets the precondition; null for one that does not exist. */
export function isMet({ only, not }: Precondition, version: number | null): boolean {
  if (version === null) return only === undefined;
  return (
    (only === undefined || only === "any" || only.includes(version)) &&
    not !== "any" &&
    !not?.includes(version)
  );
}

/** Throws PRECONDITION_FAILED unless a resource at this version meets the precondition. */
export function requireMet(precondition: Precondition | undefined, version: number | null): void {
  if (precondition && !isMet(precondition, version)) throw preconditionFailed(version);
}

/**
 * Throws PRECONDITION_FAILED unless a read's `If-Match` names what would be answered (RFC 9110,
 * 13.1.1); `isWeak` where tags are weak by design. `etag` is null for what has none.
 */
export function requireMatch(ifMatch: string, etag: string | null, isWeak = false): void {
  const tags = tagsIn("If-Match", ifMatch);
  if (tags === "any") return;
  const [is] = ((etag === null ? undefined : entityTags(etag)) ?? []) as EntityTag[];
  const isMatch = tags.some((tag) => tag.opaque === is?.opaque && (isWeak || !(tag.isWeak || is.isWeak)));
  if (isMatch) return;
  const message = etag === null ? "has no ETag" : `is at ${etag}`;
  throw new AppError(
    "PRECONDITION_FAILED",
    "http/precondition-failed",
    `If-Match names another version: this ${message}.`,
    {
      details: [{ path: "If-Match", message }],
    },
  );
}

export function preconditionFailed(version: number | null): AppError {
  const [is, fact] =
    version === null ? ["does not exist", {}] : [`is at version ${version}`, { current_version: version }];
  return new AppError(
    "PRECONDITION_FAILED",
    "http/precondition-failed",
    `The precondition of If-Match or If-None-Match failed: this ${is}. Read it again and repeat the change.`,
    { details: [{ path: "version", message: is, ...fact }] },
  );
}
