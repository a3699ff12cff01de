import { WorkerEntrypoint } from "cloudflare:workers";
import { createGatewayApp } from "../../src/http/gateway/app.ts";
import { forgetCredentials } from "../../src/http/gateway/credentials.ts";
import { answers, Delivery } from "../../src/http/gateway/delivery.ts";
import { answerFromMemory, isKnownQuery, queryFromMemory } from "../../src/http/gateway/from-memory.ts";
import type { GatewayBindings, GatewayExecution } from "../../src/platform/edge/env.ts";
import { PurgeCoordinator } from "../../src/platform/edge/purge-coordinator.ts";
import { refreshSnapshot } from "../../src/platform/edge/snapshots.ts";
import { TenantDirectory } from "../../src/platform/edge/tenant-directory.ts";
import { TenantSnapshotObject } from "../../src/platform/edge/tenant-snapshot-object.ts";

const app = createGatewayApp();

/** What other Workers tell the edge. */
class EdgeControl extends WorkerEntrypoint<GatewayBindings> {
  /** Makes cached answers with these tags unreachable, everywhere. */
  async purge(tenantId: string, tags: string[]): Promise<void> {
    answers.purge(tags, Date.now());
    if (this.env.CACHE !== "workers") return;
    const isDone = await this.env.PURGES.getByName("purge").purge(tags);
    if (!isDone) await this.env.TENANTS.getByName(tenantId).bumpGeneration();
  }

  /** Reads a tenant's tokens, keys and environments anew. */
  async refreshTenant(tenantId: string): Promise<void> {
    forgetCredentials(tenantId);
    await refreshSnapshot(this.env, tenantId, true);
  }
}

export { Delivery, EdgeControl, PurgeCoordinator, TenantDirectory, TenantSnapshotObject };

export default {
  fetch(request, env, ctx) {
    const execution = ctx as unknown as GatewayExecution;
    const kept = answerFromMemory(request, env, execution);
    if (kept) return kept;
    const handle = (unread: Request) => app.fetch(unread, env, ctx);
    return isKnownQuery(request) ? queryFromMemory(request, env, execution, handle) : handle(request);
  },
} satisfies ExportedHandler<GatewayBindings>;
