import type { Context } from "./context.ts";

/** One message to one person; `html` says the same as `text`. */
export type Email = {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Such as `List-Unsubscribe`. */
  headers?: Record<string, string>;
};

/** Where mail goes: a provider in production, a mailbox on disk in development. */
export interface EmailPort {
  /** Throws UNAVAILABLE when the provider refuses, or when none is set up. */
  send(email: Email): Promise<void>;
}

/**
 * Seals secrets so that the database alone gives none away: AES-256-GCM under a data key of the
 * tenant's own.
 */
export interface VaultPort {
  /** `purpose` must be the same when it is opened. */
  seal(tenantId: string, purpose: string, secret: string): Promise<string>;
  /** Throws INTERNAL when the text was changed, or sealed for another tenant or purpose. */
  open(tenantId: string, purpose: string, sealed: string): Promise<string>;
}

/** argon2id in PHC form. One at a time per isolate: each takes 19 MiB and about 31 ms. */
export interface PasswordPort {
  hash(password: string): Promise<string>;
  /** False for an unknown person (`hash` null) too, after the same work. */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Whether the hash was made with other parameters than today's. */
  isOutdated(hash: string): boolean;
}

/** What DNS says to everybody. */
export interface DnsPort {
  /** The TXT records of a name. Throws UNAVAILABLE when DNS cannot be queried. */
  txt(name: string): Promise<string[]>;
  /** The IPv4 and IPv6 addresses of a name; none of one that does not exist. Throws UNAVAILABLE. */
  addresses(name: string): Promise<string[]>;
}

/** HTTP to addresses that a tenant gave us. */
export interface OutsidePort {
  /**
   * Throws INVALID `sso/address-not-allowed` for anything but a public https URL, UNAVAILABLE when there
   * is no response. Redirects are not followed; a response has at most 1 MB.
   */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Whether `fetch` would call it. */
  isAllowed(url: string): boolean;
  /** Whether addresses on this machine are allowed: FlowCMS runs on it. */
  isLocal: boolean;
}

/** The site a person visits, as the gateway determined it: a tenant's pages at one of its addresses. */
export type Site = {
  /**
   * Where the tenant's pages are, such as `https://cms.acme.com` or `http://localhost:8787/t/acme`:
   * its OAuth issuer.
   */
  issuer: string;
  /** The part of the path that names the tenant: empty, or such as `/t/acme`. */
  prefix: string;
  /**
   * Where the tenant's pages are at the installation's own host, where emails lead; null when
   * PUBLIC_URL does not say.
   */
  home: string | null;
  /** Whether the host is the tenant's own: who runs it may read what is sent to it. */
  isTenants: boolean;
  tenantName: string;
  userAgent: string | null;
};

/** What the verbs of IDENTITY may use. */
export interface IdentityContext extends Context {
  site: Site;
  email: EmailPort;
  vault: VaultPort;
  passwords: PasswordPort;
  dns: DnsPort;
  outside: OutsidePort;
  /** Whether everybody may create a tenant. */
  isSignUpOpen: boolean;
  /**
   * What the response tells the gateway. `snapshot`: the tenant's snapshot is outdated. Revocations set
   * it automatically.
   */
  changed: { snapshot: boolean };
}

/** The tenant of what belongs to people and to no tenant: their sealed secrets. */
export const PEOPLE = "00000000-0000-0000-0000-000000000000";
