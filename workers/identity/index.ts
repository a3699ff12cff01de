import { createIdentityApp } from "../../src/http/identity/app.ts";
import { consumeEmails } from "../../src/http/identity/mail.ts";
import { sweepIdentity } from "../../src/http/identity/sweep.ts";
import type { EventMessage } from "../../src/platform/content-env.ts";
import type { IdentityBindings } from "../../src/platform/identity-env.ts";

const app = createIdentityApp();

export default {
  fetch: app.fetch,
  async queue(batch, env, ctx) {
    await consumeEmails(batch, env, ctx);
  },
  async scheduled(_event, env, ctx) {
    await sweepIdentity(env, ctx);
  },
} satisfies ExportedHandler<IdentityBindings, EventMessage>;
