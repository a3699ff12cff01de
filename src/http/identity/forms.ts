import { AppError, invalid } from "../../core/errors.ts";
import type { Site, IdentityContext } from "../../core/identity-context.ts";
import { tooLarge } from "../../core/read-body.ts";
import type { Parameters } from "../../domain/identity/oauth/index.ts";

const MAX_FORM_BYTES = 64 * 1024;
const MAX_FIELDS = 100;

/**
 * Reads a form that one of our own pages sent. Throws FORBIDDEN `identity/cross-site` for a form of
 * another site: browsers say where a form comes from, and nothing else may.
 */
export async function readForm(request: Request, site: Site): Promise<Record<string, string>> {
  requireSameOrigin(request, site);
  return readFields(request);
}

/** The fields of a form from any origin; of a repeated field, the last. */
export async function readFields(
  request: Request,
  maxBytes = MAX_FORM_BYTES,
): Promise<Record<string, string>> {
  return fieldsOf(await readPairs(request, maxBytes));
}

/** Parameters of OAuth as a form sent them: what is empty is as if it were not there (RFC 6749, 3.1). */
export const readParameters = async (request: Request): Promise<Parameters> =>
  parametersOf(await readPairs(request, MAX_FORM_BYTES));

/** The same of a query. */
export function parametersOf(pairs: URLSearchParams): Parameters {
  const names = [...pairs.keys()];
  const repeated = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  const said = new URLSearchParams([...pairs].filter(([, value]) => value !== ""));
  return { params: fieldsOf(said), repeated };
}

async function readPairs(request: Request, maxBytes: number): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type))
    throw invalid("identity/not-a-form", "Send application/x-www-form-urlencoded.", [], 415);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const text = await request.text();
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  return new URLSearchParams(text);
}

function fieldsOf(pairs: URLSearchParams): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  if (pairs.size > MAX_FIELDS) throw badForm();
  for (const [name, value] of pairs) {
    if (value.includes("\0")) throw badForm();
    fields[name] = value;
  }
  return fields;
}

const badForm = () => invalid("identity/bad-form", "The form is not valid.", [], 400);

/** Throws unless a page of this site made the request. */
export function requireSameOrigin(request: Request, site: Site): void {
  const fetchSite = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (origin === new URL(site.issuer).origin && (fetchSite === null || fetchSite === "same-origin")) return;
  throw new AppError("FORBIDDEN", "identity/cross-site", "The form was not sent by a page of this site.");
}

/**
 * A path as our pages have them: no empty segment and none that begins with a dot, which browsers
 * would resolve, and nothing encoded, so that it reads the same before and after parsing.
 */
const OWN_PATH = /^(?:\/[\w~-][\w.~-]*)+$/;

/** A path of this site to go on to after signing in; its account page for anything else. */
export function safeContinue(site: Pick<Site, "issuer" | "prefix">, wanted: string | undefined): string {
  const home = `${site.prefix}/account`;
  if (wanted === undefined || /[^\x21-\x7e]|\\/.test(wanted)) return home;
  const [path] = /^[^?#]*/.exec(wanted)!;
  if (!OWN_PATH.test(path) || !path.startsWith(`${site.prefix}/`)) return home;
  const { origin } = new URL(site.issuer);
  const url = URL.parse(wanted, origin);
  return url?.origin === origin && url.pathname === path ? url.pathname + url.search : home;
}

/** 303: go and look at another page. */
export function seeOther(path: string, cookies: string[] = []): Response {
  const headers = new Headers({ location: path, "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** The path of a page, with the place to go on to afterwards. */
export function pathOf(
  ctx: IdentityContext,
  path: string,
  query: Record<string, string | undefined> = {},
): string {
  const params = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ""),
  );
  return `${ctx.site.prefix}${path}${params.size > 0 ? `?${params}` : ""}`;
}
