/** GraphQL's own media type, in which a refused document is answered 4xx. */
export const GRAPHQL_MEDIA_TYPE = "application/graphql-response+json";

/** Whether a POST says that it is JSON: a page of another site cannot say so unasked, as it can send a form. */
export const saysJson = ({ headers }: Request): boolean =>
  /^application\/json\s*(?:;|$)/i.test(headers.get("content-type") ?? "");

export type AnswerMedia = "application/json" | typeof GRAPHQL_MEDIA_TYPE;

/**
 * The media type in which a GraphQL answer is given, by the Accept header: one of two, since nothing
 * is streamed over HTTP; undefined when the caller takes neither.
 */
export function answerMediaOf(accept: string | null): AnswerMedia | undefined {
  if (accept === null || accept === "" || accept === "*/*" || accept === "application/json")
    return "application/json";
  const weights = new Map<string, number>();
  for (const range of accept.toLowerCase().split(",")) {
    const [type, ...parameters] = range.split(";").map((part) => part.trim());
    const q = parameters.find((one) => one.startsWith("q="));
    weights.set(type!, Math.max(weights.get(type!) ?? 0, q === undefined ? 1 : Number(q.slice(2)) || 0));
  }
  const ofAny = weights.get("application/*") ?? weights.get("*/*") ?? 0;
  const ofJson = weights.get("application/json") ?? ofAny;
  const ofGraphql = weights.get(GRAPHQL_MEDIA_TYPE) ?? 0;
  if (ofGraphql > 0 && ofGraphql >= (weights.get("application/json") ?? 0)) return GRAPHQL_MEDIA_TYPE;
  return ofJson > 0 ? "application/json" : undefined;
}
