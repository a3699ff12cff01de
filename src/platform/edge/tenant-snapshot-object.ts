import { DurableObject } from "cloudflare:workers";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import type { GatewayBindings, SnapshotAnswer } from "./env.ts";

const REREAD_AFTER_MS = 60_000;

/** One per tenant, named by its id: what the edge checks credentials against, kept through outages of the database. */
export class TenantSnapshotObject extends DurableObject<GatewayBindings> {
  #answer: SnapshotAnswer | undefined;
  #reading: Promise<SnapshotAnswer> | undefined;

  async read(): Promise<SnapshotAnswer> {
    this.#answer ??= await this.#stored();
    const { snapshot } = this.#answer ?? {};
    if (!this.#answer || !snapshot) return this.refresh();
    if (Date.now() - snapshot.read_at_ms > REREAD_AFTER_MS) {
      this.ctx.waitUntil(
        this.refresh().catch((error: Error) =>
          console.warn(JSON.stringify({ event: "snapshot.reread_failed", message: error.message })),
        ),
      );
    }
    return this.#answer;
  }

  /** Reads the tenant anew from CONTENT; whoever asks meanwhile gets an answer that began after their question. */
  async refresh(): Promise<SnapshotAnswer> {
    if (this.#reading) await this.#reading.catch(() => {});
    this.#reading ??= this.#reread().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async bumpGeneration(): Promise<void> {
    const { snapshot, generation } = await this.read();
    this.#answer = { snapshot, generation: generation + 1 };
    await this.ctx.storage.put("answer", this.#answer);
  }

  async #stored(): Promise<SnapshotAnswer | undefined> {
    return this.ctx.storage.get<SnapshotAnswer>("answer");
  }

  async #reread(): Promise<SnapshotAnswer> {
    const response = await this.env.CONTENT.fetch(
      `https://content/internal/tenants/${this.ctx.id.name}/snapshot`,
    );
    if (response.status !== 200 && response.status !== 404)
      throw new Error(`CONTENT answered ${response.status}`);
    const snapshot = response.status === 200 ? await response.json<TenantSnapshot>() : null;
    const generation = (this.#answer ?? (await this.#stored()))?.generation ?? 1;
    this.#answer = { snapshot, generation };
    if (snapshot) await this.ctx.storage.put("answer", this.#answer);
    return this.#answer;
  }
}
