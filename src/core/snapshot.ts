import type { CustomRole, Grant } from "./grants.ts";
import type { Quotas } from "./plans.ts";
import type { Scope } from "./permissions.ts";

/**
 * What the edge must know of a tenant to check credentials without the database. Revoked things are
 * absent.
 */
export type TenantSnapshot = {
  tenant: {
    id: string;
    slug: string;
    name: string;
    status: "active" | "suspended";
    ip_ranges: string[];
    /** Null for the installation's. Absent in snapshots of an older version, as are the quotas of its own. */
    plan?: string | null;
    quotas?: Partial<Quotas>;
  };
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
    /** The role that narrows its scopes; everything they hold when null. */
    role?: string | null;
    /** The only content types it is for; all when null. */
    content_types?: string[] | null;
  }[];
  /**
   * The tenant's custom roles, and the grants of its policies by id. Absent in snapshots of an older
   * version.
   */
  roles?: CustomRole[];
  policies?: Record<string, Grant[]>;
  /**
   * Public keys (JWK with `kid` and `alg`) whose JWTs the tenant trusts; `is_ours` for those that
   * IDENTITY signs with.
   */
  keys: { kid: string; alg: string; jwk: Record<string, unknown>; is_ours: boolean }[];
  /**
   * Tokens issued to these subjects (`people`: to every person) before `at` (ISO 8601) are rejected;
   * kept until all of them have expired. Absent in snapshots of an older version.
   */
  revoked?: { kind: "session" | "person" | "people" | "client" | "token"; id: string; at: string }[];
  /**
   * When it was read, by the clock of Postgres, milliseconds since 1970: of two snapshots the later
   * one counts.
   */
  read_at_ms: number;
};
