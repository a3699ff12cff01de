import type { GatewayBindings } from "../../platform/edge/env.ts";
import { hubName, hubOf } from "../../platform/realtime/env.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import { forgetCredentials } from "./credentials.ts";

/** Reloads a tenant's tokens, keys and environments, so that all credentials are checked again. */
export async function refreshTenant(env: GatewayBindings, tenantId: string): Promise<void> {
  forgetCredentials(tenantId);
  const cached = await refreshSnapshot(env, tenantId, true);
  const environments = new Set(cached?.snapshot.environments.map(({ id }) => id));
  // Who is not told here is told by the event.
  const told = [...environments].map((id) => hubOf(env, hubName(tenantId, id)).recheck({ isAwaited: false }));
  await Promise.allSettled(told);
}

/** Reloads them when a response says that they changed. */
export async function refreshIfChanged(
  env: GatewayBindings,
  tenantId: string,
  answer: Response,
): Promise<void> {
  if (answer.headers.get("x-flow-snapshot") === "changed") await refreshTenant(env, tenantId);
}
