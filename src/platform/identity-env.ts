import type { Site, IdentityContext } from "../core/identity-context.ts";
import type { EdgeContext, IdempotencyKey } from "../core/context.ts";
import { parseContentEnv, type ContentBindings } from "./content-env.ts";
import { createContext, databaseClient } from "./create-context.ts";
import { dnsPort } from "./dns.ts";
import { outsidePort } from "./outside.ts";
import { emailPort, type EmailSettings } from "./email.ts";
import { passwordHasher } from "./password-hasher.ts";
import { reportingDatabase } from "./reporting-database.ts";
import { createVault, newKnownKeys, parseMasterKeys } from "./vault.ts";

/** What the IDENTITY Worker is given. Its DATABASE_URL logs in as cms_identity. */
export type IdentityBindings = ContentBindings &
  EmailSettings & {
    MASTER_KEYS?: string;
    /** "open" lets everybody create a tenant. */
    SIGN_UP?: string;
    /** The DNS-over-HTTPS resolver; by default Cloudflare's. */
    DNS_URL?: string;
    /** The origin that people see; addresses on this machine may be called when it is one itself. */
    PUBLIC_URL?: string;
  };

const knownKeys = newKnownKeys();

/** Everything a verb of IDENTITY may use, for one request. */
export function createIdentityContext(
  bindings: IdentityBindings,
  edge: EdgeContext,
  site: Site,
  waitUntil: (work: Promise<unknown>) => void,
  key?: IdempotencyKey,
): IdentityContext {
  const env = parseContentEnv(bindings);
  const context = createContext(env, edge, waitUntil, key);
  const changed = { snapshot: false };
  return {
    ...context,
    db: reportingDatabase(context.db, (tenantId, ids) => {
      context.outbox.poke(tenantId, ids);
      if (tenantId === edge.tenantId) changed.snapshot = true;
    }),
    site,
    email: emailPort(bindings),
    vault: createVault(databaseClient(env), parseMasterKeys(bindings.MASTER_KEYS), knownKeys),
    passwords: passwordHasher,
    dns: dnsPort(bindings.DNS_URL),
    outside: outsidePort(bindings.PUBLIC_URL),
    isSignUpOpen: bindings.SIGN_UP === "open",
    changed,
  };
}
