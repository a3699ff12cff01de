import { createIdentityApp } from "../../src/http/identity/app.ts";
import { sweepIdentity } from "../../src/http/identity/sweep.ts";
import type { IdentityBindings } from "../../src/platform/identity-env.ts";

const app = createIdentityApp();

export default {
  fetch: app.fetch,
  async scheduled(_event, env) {
    await sweepIdentity(env);
  },
} satisfies ExportedHandler<IdentityBindings>;
