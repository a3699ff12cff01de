import type { IdempotencyKey } from "../../core/context.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import type { IdentityBindings } from "../../platform/identity-env.ts";

/** What a request to IDENTITY has with it. */
export type IdentityApp = {
  Bindings: IdentityBindings;
  Variables: { ctx: IdentityContext; idempotencyKey?: IdempotencyKey | undefined };
};
