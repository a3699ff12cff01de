import type { TenantSnapshot } from "../../core/snapshot.ts";
import type { CachedAnswer, KeptItem } from "./delivery/answer-cache.ts";
import type { RealtimeBindings } from "../realtime/env.ts";
import type { DependencyState } from "../resilience/dependency.ts";

/** What a tenant's object answers: the snapshot, null for no such tenant, and the cache generation. */
export type SnapshotAnswer = { snapshot: TenantSnapshot | null; generation: number };

export type SnapshotStub = {
  read(): Promise<SnapshotAnswer>;
  refresh(): Promise<SnapshotAnswer>;
  bumpGeneration(): Promise<void>;
  touch(tokenId: string, at: number): Promise<void>;
};
export type DirectoryStub = {
  find(host: string): Promise<string | null>;
  forget(hosts: string[]): Promise<void>;
};
export type KeptAnswersStub = {
  keep(items: KeptItem[], served: string[]): Promise<void>;
  find(key: string): Promise<CachedAnswer | null>;
  purge(tags: string[]): Promise<void>;
};
export type PurgeStub = { purge(tags: string[]): Promise<boolean> };
type Namespace<Stub> = { getByName(name: string): Stub };

/** What CONTENT makes for everybody, without a token. */
export type PublicDocument = "openapi.json" | "docs" | `docs/${string}` | "graphiql";

/** How a dependency does, and whether it answered just now. */
export type Readiness = DependencyState & { ok: boolean };

/** How far behind a scheduler or a queue is, in seconds, and whether that is as it should be. */
export type Punctuality = { ok: boolean; lag_seconds: number };

/** CONTENT's entrypoint for the gateway itself, which no request of a client reaches. */
export interface InternalService {
  /** What CONTENT depends on, each asked just now. */
  ready(): Promise<Record<string, Readiness>>;
  /** Of every tenant together. */
  lag(): Promise<Record<"schedulers" | "queues", Record<string, Punctuality>>>;
  tenantByHost(host: string): Promise<string | null>;
  snapshot(tenantId: string): Promise<TenantSnapshot | null>;
  noteUse(tenantId: string, used: Record<string, string>): Promise<void>;
  document(name: PublicDocument, origin: string): Promise<Response>;
}

/** Continues work after the response was sent. */
export type Behind = { waitUntil(work: Promise<unknown>): void };

/** Where the snapshots of tenants are. */
export type SnapshotSource = Pick<GatewayBindings, "TENANTS">;

/** What the gateway is given. */
export type GatewayBindings = {
  CONTENT: Fetcher;
  INTERNAL: InternalService;
  IDENTITY: Fetcher;
  TENANTS: Namespace<SnapshotStub>;
  DIRECTORY: Namespace<DirectoryStub>;
  PURGES: Namespace<PurgeStub>;
  /** REALTIME's: who holds sockets, and who tells them of events. */
  SHARDS: RealtimeBindings["SHARDS"];
  HUBS: RealtimeBindings["HUBS"];
  /** Self-hosted: the answers of the last day, on the disk. */
  KEPT?: Namespace<KeptAnswersStub>;
  /** How many MB of them; 256 when absent. */
  KEPT_ANSWERS_MB?: string;
  RATE_LIMITER: { limit(options: { key: string }): Promise<{ success: boolean }> };
  CACHE: "workers" | "memory";
  RATE_LIMIT_PER_MINUTE?: string;
  /** The plan of tenants without one; `self_hosted` when absent. */
  DEFAULT_PLAN?: string;
  /** The origin that people see where the host names no tenant, such as https://cms.example.com. */
  PUBLIC_URL?: string;
  /**
   * Self-hosted: the header in which the proxy in front says the caller's address; without it the
   * socket's address counts.
   */
  ADDRESS_HEADER?: string;
  /** The slug of the tenant whose pages are at PUBLIC_URL itself; without it they are only at /t/{slug}. */
  DEFAULT_TENANT?: string;
};
