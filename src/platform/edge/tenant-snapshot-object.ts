import { DurableObject } from "cloudflare:workers";
import type { GatewayBindings, SnapshotAnswer } from "./env.ts";

const REREAD_AFTER_MS = 60_000;
/** How old a snapshot may be that credentials are checked by while the database is away. */
const MAX_AGE_MS = 25 * 3_600_000;
const TELL_USE_AFTER_MS = 5000;

/**
 * One per tenant, named by its id: what the edge checks credentials against, kept through outages of
 * the database and restarts, for a day: with every revocation that was known by then.
 */
export class TenantSnapshotObject extends DurableObject<GatewayBindings> {
  #answer: SnapshotAnswer | undefined;
  #reading: Promise<SnapshotAnswer> | undefined;

  constructor(ctx: DurableObjectState, env: GatewayBindings) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      this.#answer = await ctx.storage.get<SnapshotAnswer>("answer");
    });
  }

  async read(): Promise<SnapshotAnswer> {
    const { snapshot } = this.#answer ?? {};
    if (!this.#answer || !snapshot || Date.now() - snapshot.read_at_ms > MAX_AGE_MS) return this.refresh();
    if (Date.now() - snapshot.read_at_ms > REREAD_AFTER_MS) {
      this.ctx.waitUntil(
        this.refresh().catch((error: Error) =>
          console.warn(JSON.stringify({ event: "snapshot.reread_failed", message: error.message })),
        ),
      );
    }
    return this.#answer;
  }

  /** Reloads the tenant from CONTENT; concurrent callers get a result that was read after their call. */
  async refresh(): Promise<SnapshotAnswer> {
    if (this.#reading) await this.#reading.catch(() => {});
    this.#reading ??= this.#reread().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async bumpGeneration(): Promise<void> {
    await this.read();
    // What was read meanwhile stays: only the number changes.
    this.#answer = { snapshot: this.#answer!.snapshot, generation: this.#answer!.generation + 1 };
    await this.ctx.storage.put("answer", this.#answer);
  }

  /** Notes that a token was used; sent to CONTENT a few seconds later in one batch. */
  async touch(tokenId: string, at: number): Promise<void> {
    const used = (await this.ctx.storage.get<Record<string, string>>("used")) ?? {};
    used[tokenId] = new Date(at).toISOString();
    await this.ctx.storage.put("used", used);
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now() + TELL_USE_AFTER_MS);
  }

  override async alarm(): Promise<void> {
    const used = await this.ctx.storage.get<Record<string, string>>("used");
    if (!used) return;
    await this.env.INTERNAL.noteUse(this.ctx.id.name!, used);
    const since = (await this.ctx.storage.get<Record<string, string>>("used")) ?? {};
    const left = Object.fromEntries(Object.entries(since).filter(([id, at]) => used[id] !== at));
    if (Object.keys(left).length === 0) return void (await this.ctx.storage.delete("used"));
    await this.ctx.storage.put("used", left);
    await this.ctx.storage.setAlarm(Date.now() + TELL_USE_AFTER_MS);
  }

  async #reread(): Promise<SnapshotAnswer> {
    const snapshot = await this.env.INTERNAL.snapshot(this.ctx.id.name!);
    // One reading at a time: what comes last was read last.
    this.#answer = { snapshot, generation: this.#answer?.generation ?? 1 };
    if (snapshot) await this.ctx.storage.put("answer", this.#answer);
    return this.#answer;
  }
}
