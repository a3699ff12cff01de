import type { GatewayBindings } from "../../platform/edge/env.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import { forgetCredentials } from "./credentials.ts";

/** Reads a tenant's tokens, keys and environments anew, and checks everybody's credentials by them. */
export async function refreshTenant(env: GatewayBindings, tenantId: string): Promise<void> {
  forgetCredentials(tenantId);
  await refreshSnapshot(env, tenantId, true);
}

/** Does so where an answer says that they have changed. */
export async function heedChange(env: GatewayBindings, tenantId: string, answer: Response): Promise<void> {
  if (answer.headers.get("x-flow-snapshot") === "changed") await refreshTenant(env, tenantId);
}
