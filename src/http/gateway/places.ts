import { BoundedCache } from "../../core/bounded-cache.ts";
import { answerMediaOf } from "../graphql-over-http.ts";
import type { Credential } from "./credentials.ts";
import { environmentNamed } from "./environment.ts";

/**
 * Where the answer to a request as it comes is kept, for callers who were let through to it before,
 * as long as the name of its environment means the same one.
 */
type Place = { key: string; environmentName: string | null; environmentId: string };

const places = new BoundedCache<Place>(16 * 1024 * 1024);

/** Where the answer to a request as it comes is kept; `body` is that of a GraphQL query. */
export function placeOf(credential: Credential, request: Request, body?: string): string | undefined {
  const place = places.get(requestKey(credential, request, body));
  if (!place || environmentNamed(credential, place.environmentName) !== place.environmentId) return undefined;
  return place.key;
}

/** Remembers where the answer to a request as it comes is kept. */
export function rememberPlace(
  credential: Credential,
  request: Request,
  body: string | undefined,
  place: Place,
): void {
  const ofRequest = requestKey(credential, request, body);
  places.set(ofRequest, place, 2 * (ofRequest.length + place.key.length) + 200);
}

/** A request as it comes, with all that decides which answer it gets. */
const requestKey = (credential: Credential, request: Request, body = "") =>
  `${credential.tenantId}|${credential.boundEnvironmentId ?? ""}|${request.headers.get("x-flow-environment") ?? ""}|${request.headers.get("x-flow-tenant") ?? ""}|${credential.copy.generation}|${answerMediaOf(request.headers.get("accept")) ?? ""}|${request.url}|${body}`;
