import { AppError } from "../../core/errors.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { ipMatcher } from "../../platform/ip-ranges.ts";
import type { Credential } from "./credential.ts";
import { unauthenticated } from "./unauthenticated.ts";

/**
 * The caller's credential, when it belongs to every tenant that the request names (both are looked up in
 * parallel) and may be used from this IP address; throws otherwise.
 */
export async function checkAccess(
  identified: Promise<Credential>,
  named: Promise<string[]>,
  address: string | null,
): Promise<Credential> {
  const [credential, tenants] = await Promise.all([identified, named]);
  for (const tenantId of tenants) requireTenant(credential, tenantId);
  if (credential.isFromAllowed?.(address) === false)
    throw new AppError("FORBIDDEN", "access/ip-not-allowed", "This token may not be used from your address.");
  return credential;
}

export function requireTenant(credential: Credential, tenantId: string): void {
  if (credential.tenantId !== tenantId)
    throw unauthenticated("access/wrong-tenant", "The token belongs to another tenant.");
}

export function requireActive({ tenant }: TenantSnapshot): void {
  if (tenant.status !== "active")
    throw new AppError("FORBIDDEN", "access/tenant-suspended", "This tenant is suspended.");
}

/** Throws where the tenant may not be used from an address, whoever asks. */
export function requireAddressAllowed({ tenant }: TenantSnapshot, address: string | null): void {
  if (tenant.ip_ranges.length > 0 && !ipMatcher(tenant.ip_ranges)(address))
    throw new AppError(
      "FORBIDDEN",
      "access/ip-not-allowed",
      "This tenant may not be used from your address.",
    );
}
