/** The cache time of a tenant's published keys and endpoints: much shorter than a key is published ahead. */
export const PUBLISHED_FOR = "public, max-age=300";

/** A JSON Web Key Set (RFC 7517) of the keys that sign a tenant's tokens. */
export const keySet = (keys: readonly object[]): Response =>
  Response.json(
    { keys },
    { headers: { "content-type": "application/jwk-set+json", "cache-control": PUBLISHED_FOR } },
  );
