import { DurableObject } from "cloudflare:workers";
import type { GatewayBindings } from "../env.ts";
import type { DeliveryProps, GatewayExecution } from "./execution.ts";
import { BUCKET_SIZE, spend, type Bucket } from "./purge-bucket.ts";

/** Fills that were under way during a purge may store what it removed: purge again after them. */
const REPEAT_AFTER_MS = 3000;
const RETRY_AFTER_MS = 12_000;
const PROPS: DeliveryProps = {
  tenant: "purge",
  environment: "purge",
  scope: "published",
  generation: 0,
  accept: "application/json",
};

/** One for the account: sends purges to Workers Cache within its quota, twice each. */
export class PurgeCoordinator extends DurableObject<GatewayBindings> {
  /** False when some tags have to wait for the quota: their answers must be made unreachable another way. */
  async purge(tags: string[]): Promise<boolean> {
    const starved = await this.#send(tags);
    const again = new Set([...((await this.ctx.storage.get<string[]>("again")) ?? []), ...tags]);
    await this.ctx.storage.put("again", [...again]);
    await this.ctx.storage.setAlarm(Date.now() + (starved.length > 0 ? RETRY_AFTER_MS : REPEAT_AFTER_MS));
    return starved.length === 0;
  }

  override async alarm(): Promise<void> {
    const again = (await this.ctx.storage.get<string[]>("again")) ?? [];
    const starved = again.length > 0 ? await this.#send(again) : [];
    await this.ctx.storage.put("again", starved);
    if (starved.length > 0) await this.ctx.storage.setAlarm(Date.now() + RETRY_AFTER_MS);
  }

  async #send(tags: string[]): Promise<string[]> {
    const stored = (await this.ctx.storage.get<Bucket>("bucket")) ?? {
      tokens: BUCKET_SIZE,
      filledAt: Date.now(),
    };
    const { bucket, calls, starved } = spend(stored, tags, Date.now());
    await this.ctx.storage.put("bucket", bucket);
    const delivery = (this.ctx as unknown as GatewayExecution).exports.Delivery({ props: PROPS });
    const refused: string[] = [];
    for (const call of calls) if (!(await delivery.purge(call))) refused.push(...call);
    return [...refused, ...starved];
  }
}
