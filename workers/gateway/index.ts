import { WorkerEntrypoint } from "cloudflare:workers";
import { refreshTenant } from "../../src/http/gateway/refresh-tenant.ts";
import { createFront } from "../../src/http/gateway/front.ts";
import { forgetHosts } from "../../src/http/gateway/tenant-of-host.ts";
import {
  Delivery,
  KeptAnswers,
  purge,
  PurgeCoordinator,
  type GatewayExecution,
} from "../../src/platform/edge/delivery/index.ts";
import type { GatewayBindings } from "../../src/platform/edge/env.ts";
import { TenantDirectory } from "../../src/platform/edge/tenant-directory.ts";
import { TenantSnapshotObject } from "../../src/platform/edge/tenant-snapshot-object.ts";

const answer = createFront();

/** Notifications from other Workers. */
class EdgeControl extends WorkerEntrypoint<GatewayBindings> {
  /** Makes cached answers with these tags unreachable, everywhere. */
  async purge(tenantId: string, tags: string[]): Promise<void> {
    await purge(this.env, tenantId, tags);
  }

  /** Reloads the tenants of these hosts. */
  async forgetHosts(hosts: string[]): Promise<void> {
    await this.env.DIRECTORY.getByName("directory").forget(hosts);
    forgetHosts(hosts);
  }

  /** Reloads a tenant's tokens, keys and environments. */
  async refreshTenant(tenantId: string): Promise<void> {
    await refreshTenant(this.env, tenantId);
  }
}

export { Delivery, EdgeControl, KeptAnswers, PurgeCoordinator, TenantDirectory, TenantSnapshotObject };

export default {
  fetch: (request, env, ctx) => answer(request, env, ctx as unknown as GatewayExecution),
} satisfies ExportedHandler<GatewayBindings>;
