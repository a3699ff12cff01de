/** GraphQL's own media type, in which a refused document is answered 4xx. */
export const GRAPHQL_MEDIA_TYPE = "application/graphql-response+json";

/** Whether a POST says that it is JSON, or what `curl -d` says of it; nothing that says nothing is taken. */
export const saysJson = ({ headers }: Request): boolean =>
  /^application\/(?:json|x-www-form-urlencoded)\b/i.test(headers.get("content-type") ?? "");
