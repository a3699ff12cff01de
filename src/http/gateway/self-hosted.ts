/** Shorter ones are not worth it. */
const MIN_BYTES = 512;
const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript)\b|image\/svg)/i;
const NULL_BODY = new Set([101, 204, 205, 304]);

/**
 * What Cloudflare's network does to an answer on its way, for an installation that is not behind it:
 * `Date` and compression. An ETag stays as it is: it names the version of a thing, which a writer
 * gives back in `If-Match`.
 */
export function asSelfHosted(request: Request, answer: Response): Response {
  if (answer.webSocket) return answer;
  const shown = new Response(answer.body, answer);
  const { headers, status } = shown;
  if (!headers.has("date")) headers.set("date", new Date().toUTCString());
  if (isCompressible(headers, status)) {
    headers.append("vary", "accept-encoding");
    const encoding = NULL_BODY.has(status) ? undefined : encodingFor(request.headers.get("accept-encoding"));
    if (encoding && Number(headers.get("content-length") ?? MIN_BYTES) >= MIN_BYTES) {
      // The runtime compresses a body by what this header says.
      headers.set("content-encoding", encoding);
      headers.delete("content-length");
    }
  }
  return shown;
}

/** Parts of a file are parts of its bytes as they are. */
function isCompressible(headers: Headers, status: number): boolean {
  return (
    status !== 206 &&
    !headers.has("content-encoding") &&
    !headers.has("accept-ranges") &&
    !/\bno-transform\b/i.test(headers.get("cache-control") ?? "") &&
    COMPRESSIBLE.test(headers.get("content-type") ?? "")
  );
}

/** The better of the codings that the caller takes most gladly (RFC 9110, 12.5.3); undefined for none. */
export function encodingFor(accepted: string | null): "br" | "gzip" | undefined {
  const weights = new Map<string, number>();
  for (const part of (accepted ?? "").toLowerCase().split(",")) {
    const [coding, ...parameters] = part.split(";").map((one) => one.trim());
    const q = parameters.find((one) => one.startsWith("q="))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (coding) weights.set(coding === "x-gzip" ? "gzip" : coding, Number.isFinite(weight) ? weight : 0);
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  const [br, gzip] = [weightOf("br"), weightOf("gzip")];
  const best = Math.max(br, gzip);
  if (best <= 0 || (weights.get("identity") ?? 0) > best) return undefined;
  return br === best ? "br" : "gzip";
}
