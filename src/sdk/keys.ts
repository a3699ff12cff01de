import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";

/** A public key as a JWK. */
export type PublicJwk =
  | { kty: "EC"; crv: "P-256"; x: string; y: string }
  | { kty: "OKP"; crv: "Ed25519"; x: string }
  | { kty: "RSA"; n: string; e: string };
export type NewKey = {
  /** What JWTs name it by in their header. */
  kid: string;
  jwk: PublicJwk;
};
/** A key whose JWTs are trusted. */
export type TrustedKey = NewKey & { alg: "ES256" | "EdDSA" | "RS256"; created_at: string };
/** A new key; `tenant` is what its JWTs say as `tid`. */
export type MadeKey = TrustedKey & { tenant: string };

/** Public keys: who holds the private one signs JWTs in place of API tokens. */
export type Keys = {
  list(options?: CallOptions): Promise<TrustedKey[]>;
  create(key: NewKey, options?: CallOptions): Promise<MadeKey>;
  /** Its JWTs are refused everywhere within ten seconds. */
  revoke(kid: string, options?: CallOptions): Promise<void>;
};

export const keysOf = (ask: Ask): Keys => ({
  list: async (options) => dataOf(await ask("GET", pathOf("keys"), {}, options)),
  create: async (key, options) => dataOf(await ask("POST", pathOf("keys"), { body: key }, options)),
  revoke: async (kid, options) => void (await ask("DELETE", pathOf("keys", kid), {}, options)),
});
