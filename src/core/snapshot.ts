import type { Scope } from "./permissions.ts";

/** What the edge must know of a tenant to check credentials without the database. Revoked things are absent. */
export type TenantSnapshot = {
  tenant: { id: string; slug: string; name: string; status: "active" | "suspended"; ip_ranges: string[] };
  environments: { id: string; name: string; is_default: boolean }[];
  /** `hash` is SHA-256 of the token's secret, hexadecimal; times are ISO 8601. */
  tokens: {
    id: string;
    hash: string;
    scopes: Scope[];
    environment_id: string | null;
    expires_at: string | null;
    /** CIDR ranges it may be used from; from anywhere when there are none. */
    ip_ranges: string[];
  }[];
  /** Public keys (JWK with `kid` and `alg`) whose JWTs the tenant trusts. */
  keys: { kid: string; alg: string; jwk: Record<string, unknown> }[];
  /** When CONTENT read it from Postgres, milliseconds since 1970. */
  read_at_ms: number;
};
