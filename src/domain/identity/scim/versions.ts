import { fingerprint } from "../../../core/answers.ts";
import { isKnown } from "../../../core/preconditions.ts";
import { changedMeanwhile } from "./schemas.ts";

/** What a request demands of the version that is there. */
export type Conditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined };

/** A resource with its version, which changes with whatever it shows. */
export function versioned<Resource extends { meta: object }>(resource: Resource) {
  return { ...resource, meta: { ...resource.meta, version: `W/"${fingerprint(JSON.stringify(resource))}"` } };
}

/**
 * Throws PRECONDITION_FAILED unless the version is one that the caller knows: versions are weak ETags
 * (RFC 7644, 3.14).
 */
export function requireVersion({ ifMatch }: Conditions, { meta }: { meta: { version: string } }): void {
  if (ifMatch !== undefined && !isKnown(ifMatch, meta.version)) throw changedMeanwhile();
}
