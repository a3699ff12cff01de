import type { GatewayBindings } from "../../platform/edge/env.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import { forgetCredentials } from "./credentials.ts";

/** Reloads a tenant's tokens, keys and environments, so that all credentials are checked again. */
export async function refreshTenant(env: GatewayBindings, tenantId: string): Promise<void> {
  forgetCredentials(tenantId);
  await refreshSnapshot(env, tenantId, true);
}

/** Reloads them when a response says that they changed. */
export async function refreshIfChanged(
  env: GatewayBindings,
  tenantId: string,
  answer: Response,
): Promise<void> {
  if (answer.headers.get("x-flow-snapshot") === "changed") await refreshTenant(env, tenantId);
}
