import type { Actor, Context } from "../../src/core/context.ts";
import { connect, tenantDatabase } from "../../src/db/client.ts";
import { assetStorage } from "../../src/platform/asset-storage.ts";
import { webhooksPort } from "../../src/platform/webhooks-port.ts";
import { NO_QUOTA } from "../../src/platform/quota/quota-port.ts";

const BENCH: Actor = { kind: "system", id: "bench", scopes: ["admin"] };

/** A request's context without a Worker: nothing is poked, stored or done behind the answer. */
export const contextOf = (
  appUrl: string,
  { tenantId, environmentId }: { tenantId: string; environmentId: string },
  actor = BENCH,
): Context => ({
  tenantId,
  environmentId,
  actor,
  requestId: "req_test",
  db: tenantDatabase(connect(appUrl), tenantId, environmentId),
  outbox: { poke() {}, receipt: () => undefined },
  storage: assetStorage(undefined),
  quota: NO_QUOTA,
  webhooks: webhooksPort(undefined, tenantId, () => {}),
  now: () => new Date(),
  waitUntil() {},
  isFrom: () => true,
});
