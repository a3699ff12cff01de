import type { GatewayBindings } from "../env.ts";
import { answers } from "./answers.ts";

/** Makes the answers with these tags unreachable: here at once, and wherever they are kept. */
export async function purge(env: GatewayBindings, tenantId: string, tags: string[]): Promise<void> {
  answers.purge(tags, Date.now());
  if (env.CACHE !== "workers") return void (await env.KEPT?.getByName("answers").purge(tags));
  const isDone = await env.PURGES.getByName("purge").purge(tags);
  if (!isDone) await env.TENANTS.getByName(tenantId).bumpGeneration();
}
