import type { EdgeContext } from "../core/context.ts";
import { newRequestId } from "../core/ids.ts";

/** Stands for none: of work and events that belong to the whole tenant. */
export const NO_ENVIRONMENT = "00000000-0000-0000-0000-000000000000";

/** What work that nobody's request asked for is done as: by a Worker, with all scopes. */
export const systemEdge = (id: string, tenantId: string, environmentId = NO_ENVIRONMENT): EdgeContext => ({
  tenantId,
  environmentId,
  actor: { kind: "system", id, scopes: ["admin"] },
  requestId: newRequestId(),
});
