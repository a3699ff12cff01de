import type { Context } from "../core/context.ts";
import type { DnsPort, VaultPort } from "../core/identity-context.ts";
import { parseContentEnv, type ContentBindings, type EventMessage } from "./content-env.ts";
import { createContext, databaseClient } from "./create-context.ts";
import { dnsPort } from "./dns.ts";
import { systemEdge } from "./system-edge.ts";
import { createVault, newKnownKeys, parseMasterKeys } from "./vault.ts";

/** What the WEBHOOKS Worker is given. */
export type WebhookBindings = ContentBindings & {
  MASTER_KEYS?: string;
  /** The DNS-over-HTTPS resolver; by default Cloudflare's. */
  DNS_URL?: string;
  /** The network for the calls, where the platform's own is not closed to private addresses (self-hosting). */
  OUTSIDE?: Fetcher;
  /** The origin of the links in payloads. */
  PUBLIC_URL?: string;
  /** "1" lets this machine be called, without https: for development and tests. */
  FLOW_ALLOW_PRIVATE_TARGETS?: string;
  /** Its own queue. */
  WEBHOOKS: Queue<EventMessage>;
};

/** What calls to webhooks are made with. */
export type WebhookPlatform = {
  contextOf(tenantId: string, environmentId?: string): Context;
  vault(): VaultPort;
  dns: DnsPort;
  isLocal: boolean;
  /** Calls an address that was looked at. */
  call(url: string, init: RequestInit): Promise<Response>;
  publicUrl: string;
  queue: Queue<EventMessage>;
};

const knownKeys = newKnownKeys();

export function createWebhookPlatform(
  bindings: WebhookBindings,
  waitUntil: (work: Promise<unknown>) => void,
): WebhookPlatform {
  const env = parseContentEnv(bindings);
  return {
    contextOf: (tenantId, environmentId) =>
      createContext(env, systemEdge("webhooks", tenantId, environmentId), waitUntil),
    vault: () =>
      createVault(databaseClient(env), parseMasterKeys(bindings.MASTER_KEYS), knownKeys, "webhook_keys"),
    dns: dnsPort(bindings.DNS_URL),
    isLocal: bindings.FLOW_ALLOW_PRIVATE_TARGETS === "1",
    call: (url, init) => (bindings.OUTSIDE ? bindings.OUTSIDE.fetch(url, init) : fetch(url, init)),
    publicUrl: (bindings.PUBLIC_URL ?? "").replace(/\/$/, ""),
    queue: bindings.WEBHOOKS,
  };
}
