import { fingerprint } from "../../core/answers.ts";
import { changedMeanwhile } from "./schemas.ts";

/** What a request demands of the version that is there. */
export type Conditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined };

/** A resource with its version, which changes with whatever it shows. */
export function versioned<Resource extends { meta: object }>(resource: Resource) {
  return { ...resource, meta: { ...resource.meta, version: `W/"${fingerprint(JSON.stringify(resource))}"` } };
}

/** Whether a header names the version, by weak comparison (RFC 9110, 8.8.3.2); `*` names every one. */
export function namesVersion(header: string, version: string): boolean {
  if (header.trim() === "*") return true;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.split(",").some((tag) => opaque(tag) === opaque(version));
}

/** Throws PRECONDITION_FAILED unless the version is the one that the caller knows. */
export function requireVersion({ ifMatch }: Conditions, { meta }: { meta: { version: string } }): void {
  if (ifMatch !== undefined && !namesVersion(ifMatch, meta.version)) throw changedMeanwhile();
}
