import { keepNewest } from "../../core/keep-newest.ts";
import { DurableObject } from "cloudflare:workers";
import type { GatewayBindings } from "./env.ts";

const KEEP_MS = 60_000;
const MAX_HOSTS = 20_000;

/** One for all: which tenant a host or slug names. Only hosts that name a tenant outlive a restart. */
export class TenantDirectory extends DurableObject<GatewayBindings> {
  #hosts = new Map<string, { tenantId: string | null; readAt: number }>();

  async find(host: string): Promise<string | null> {
    const cached = this.#hosts.get(host);
    if (cached && Date.now() - cached.readAt < KEEP_MS) return cached.tenantId;
    try {
      return await this.#reread(host);
    } catch (error) {
      if (cached) return cached.tenantId;
      const known = await this.ctx.storage.get<string>(`host:${host}`);
      if (known) return known;
      // The installation's own address is no tenant's unless it was known as one.
      const { PUBLIC_URL: ours } = this.env;
      if (ours !== undefined && new URL(ours).hostname === host) return null;
      throw error;
    }
  }

  /** Reloads these hosts from CONTENT: one was added or removed. */
  async forget(hosts: string[]): Promise<void> {
    for (const host of hosts) {
      this.#hosts.delete(host);
      await this.ctx.storage.delete(`host:${host}`);
    }
  }

  async #reread(host: string): Promise<string | null> {
    const tenantId = await this.env.INTERNAL.tenantByHost(host);
    keepNewest(this.#hosts, host, { tenantId, readAt: Date.now() }, MAX_HOSTS);
    if (tenantId) await this.ctx.storage.put(`host:${host}`, tenantId);
    else await this.ctx.storage.delete(`host:${host}`);
    return tenantId;
  }
}
