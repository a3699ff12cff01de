import { consumeRealtime } from "../../src/http/realtime/consume.ts";
import type { EventMessage } from "../../src/platform/content-env.ts";
import type { RealtimeBindings } from "../../src/platform/realtime/env.ts";
import { Hub } from "../../src/platform/realtime/hub-object.ts";
import { Shard } from "../../src/platform/realtime/shard-object.ts";

export { Hub, Shard };

export default {
  async queue(batch, env, ctx) {
    await consumeRealtime(batch, env, ctx);
  },
} satisfies ExportedHandler<RealtimeBindings, EventMessage>;
