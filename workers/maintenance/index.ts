import type { EventMessage } from "../../src/platform/content-env.ts";
import { consumeEvents, sweep, type MaintenanceBindings } from "../../src/http/maintenance.ts";

export default {
  async queue(batch, env, ctx) {
    await consumeEvents(batch, env, ctx);
  },
  async scheduled({ scheduledTime }, env, ctx) {
    await sweep(env, ctx, new Date(scheduledTime));
  },
} satisfies ExportedHandler<MaintenanceBindings, EventMessage>;
