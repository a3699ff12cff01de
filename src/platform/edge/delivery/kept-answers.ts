import { DurableObject } from "cloudflare:workers";
import type { GatewayBindings } from "../env.ts";
import type { CachedAnswer, KeptItem } from "./answer-cache.ts";
import { KeptTable } from "./kept-table.ts";

const DEFAULT_MAX_MB = 256;

/**
 * One for an installation of one's own: the answers of the last day on the disk, for when there are no
 * others. What is purged is shown no more as soon as the purge is answered, and off the disk a day later.
 */
export class KeptAnswers extends DurableObject<GatewayBindings> {
  readonly #table: KeptTable;

  constructor(ctx: DurableObjectState, env: GatewayBindings) {
    super(ctx, env);
    const maxBytes = Number(env.KEPT_ANSWERS_MB ?? DEFAULT_MAX_MB) * 1024 * 1024;
    this.#table = new KeptTable(ctx.storage.sql, maxBytes);
  }

  async keep(items: KeptItem[], served: string[]): Promise<void> {
    this.#table.keep(items, served, Date.now());
  }

  find(key: string): Promise<CachedAnswer | null> {
    return this.#table.find(key, Date.now());
  }

  async purge(tags: string[]): Promise<void> {
    this.#table.purge(tags, Date.now());
  }
}
