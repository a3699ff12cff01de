import { AppError } from "../../core/errors.ts";
import { unauthenticated, type Credential } from "./credentials.ts";

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
  if (tenants.some((tenantId) => tenantId !== credential.tenantId))
    throw unauthenticated("access/wrong-tenant", "The token belongs to another tenant.");
  if (credential.isFromAllowed?.(address) === false)
    throw new AppError("FORBIDDEN", "access/ip-not-allowed", "This token may not be used from your address.");
  return credential;
}
