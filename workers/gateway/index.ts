import { WorkerEntrypoint } from "cloudflare:workers";
import { forgetCredentials } from "../../src/http/gateway/credentials.ts";
import { answers, Delivery } from "../../src/http/gateway/delivery.ts";
import { createFront } from "../../src/http/gateway/front.ts";
import type { GatewayBindings, GatewayExecution } from "../../src/platform/edge/env.ts";
import { forgetHosts } from "../../src/http/gateway/tenant-of-host.ts";
import { PurgeCoordinator } from "../../src/platform/edge/purge-coordinator.ts";
import { refreshSnapshot } from "../../src/platform/edge/snapshots.ts";
import { TenantDirectory } from "../../src/platform/edge/tenant-directory.ts";
import { TenantSnapshotObject } from "../../src/platform/edge/tenant-snapshot-object.ts";

const answer = createFront();

/** What other Workers tell the edge. */
class EdgeControl extends WorkerEntrypoint<GatewayBindings> {
  /** Makes cached answers with these tags unreachable, everywhere. */
  async purge(tenantId: string, tags: string[]): Promise<void> {
    answers.purge(tags, Date.now());
    if (this.env.CACHE !== "workers") return;
    const isDone = await this.env.PURGES.getByName("purge").purge(tags);
    if (!isDone) await this.env.TENANTS.getByName(tenantId).bumpGeneration();
  }

  /** Looks up anew whose these hosts are. */
  async forgetHosts(hosts: string[]): Promise<void> {
    await this.env.DIRECTORY.getByName("directory").forget(hosts);
    forgetHosts(hosts);
  }

  /** Reads a tenant's tokens, keys and environments anew. */
  async refreshTenant(tenantId: string): Promise<void> {
    forgetCredentials(tenantId);
    await refreshSnapshot(this.env, tenantId, true);
  }
}

export { Delivery, EdgeControl, PurgeCoordinator, TenantDirectory, TenantSnapshotObject };

export default {
  fetch: (request, env, ctx) => answer(request, env, ctx as unknown as GatewayExecution),
} satisfies ExportedHandler<GatewayBindings>;
