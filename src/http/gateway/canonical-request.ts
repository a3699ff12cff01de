import { AppError, invalid } from "../../core/errors.ts";

/** A path that is already canonical, as nearly all are: plain segments, none of which starts with a dot. */
const PLAIN_PATH = /^(?:\/[\w~-][\w.~-]*)*\/?$/;
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const MAX_HOST_CHARS = 260;
// oxlint-disable-next-line no-control-regex
const NEVER = /[\u0000-\u001f\u007f-\u009f\\]/;
const ENCODED_AGAIN = /%[0-9a-f]{2}/i;
/** What a segment may hold as it is (RFC 3986 `pchar`) though `encodeURIComponent` would encode it. */
const NEEDLESSLY_ENCODED = /%(?:3A|40|24|26|2B|2C|3B|3D)/g;
const SLUGS = ["api", "v3", "content"];

/**
 * The request with its canonical URL, which everything behind uses: segments resolved and encoded in one
 * way, `/v3` as `/api/v3`, the host without a final dot. Throws INVALID (400) for dot segments, empty
 * ones, encoded slashes except in a slug, double encoding, control characters, and a bad host.
 */
export function canonicalRequest(request: Request): Request {
  // `OPTIONS *` is about the whole server.
  const url = request.method === "OPTIONS" ? request.url.replace(/\*$/, "/") : request.url;
  const start = url.indexOf("//") + 2;
  const slash = url.indexOf("/", start);
  const authority = slash === -1 ? url.slice(start) : url.slice(start, slash);
  requireHost(authority, request.headers.get("host"));
  if (url.includes("#")) throw badPath("holds a #");
  const search = url.indexOf("?", slash);
  const path = search === -1 ? url.slice(slash) : url.slice(slash, search);
  const isPlain = PLAIN_PATH.test(path) && !path.startsWith("/v3");
  if (isPlain && !/\.(?::|$)/.test(authority) && url === request.url) return request;
  const canonical = `${url.slice(0, start)}${authority.replace(/\.(?=:|$)/, "")}${canonicalPath(path)}${search === -1 ? "" : url.slice(search)}`;
  return canonical === request.url ? request : new Request(canonical, request);
}

/** The one spelling of a path; throws INVALID for a path that has none. */
export function canonicalPath(raw: string): string {
  const segments = raw.split("/").slice(1).map(decoded);
  if (segments[0] === "v3") segments.unshift("api");
  const isContent = SLUGS.every((step, i) => segments[i] === step);
  const steps = segments.flatMap((segment, i) => {
    if (!segment.includes("/")) return segment;
    // A slug may hold slashes, and clients encode them.
    if (isContent && i > SLUGS.length) return segment.split("/");
    throw badPath("contains an encoded slash");
  });
  steps.forEach((step, i) => {
    if (step === "." || step === "..") throw badPath("contains a dot segment");
    if (step === "" && i < steps.length - 1) throw badPath("contains an empty segment");
  });
  return `/${steps.map(encoded).join("/")}`;
}

function decoded(segment: string): string {
  const text = orUndefined(() => decodeURIComponent(segment));
  if (text === undefined) throw badPath("is not percent-encoded UTF-8");
  if (NEVER.test(text)) throw badPath("contains a backslash or a control character");
  if (ENCODED_AGAIN.test(text)) throw badPath("is encoded twice");
  return text;
}

function encoded(step: string): string {
  const text = orUndefined(() => encodeURIComponent(step));
  if (text === undefined) throw badPath("is not percent-encoded UTF-8");
  return text.replace(NEEDLESSLY_ENCODED, decodeURIComponent);
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/**
 * `given` is the header Host: an address that says another host than it was put together of pieces
 * that are none.
 */
function requireHost(authority: string, given: string | null): void {
  const isHost =
    authority.length <= MAX_HOST_CHARS && HOST.test(authority) && URL.canParse(`http://${authority}/`);
  if (isHost && (given === null || given === authority || hostOf(given) === hostOf(authority))) return;
  throw invalid("http/bad-host", "The header Host must be one host name, optionally with a port.", [], 400);
}

const hostOf = (authority: string) => authority.toLowerCase().replace(/:(?:80|443)$/, "");

const badPath = (what: string): AppError =>
  invalid("http/bad-path", `The path ${what}: send it in its canonical form.`, [], 400);
