import { AppError } from "../../core/errors.ts";
import { unauthenticated, type Credential } from "./credentials.ts";

/**
 * Who asks, once they and the tenants that the request names are known, which are looked up side by
 * side; throws when the token belongs to another tenant, or may not be used from this address.
 */
export async function letIn(
  identified: Promise<Credential>,
  named: Promise<string[]>,
  address: string | null,
): Promise<Credential> {
  const [credential, tenants] = await Promise.all([identified, named]);
  if (tenants.some((tenantId) => tenantId !== credential.tenantId))
    throw unauthenticated("access/wrong-tenant", "The token belongs to another tenant.");
  if (credential.isFromAllowed?.(address) === false)
    throw new AppError("FORBIDDEN", "access/ip-not-allowed", "This token may not be used from your address.");
  return credential;
}
