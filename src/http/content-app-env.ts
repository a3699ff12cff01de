import type { Context, IdempotencyKey } from "../core/context.ts";
import type { ContentBindings } from "../platform/content-env.ts";

/** What a request to CONTENT has with it. */
export type ContentApp = {
  Bindings: ContentBindings;
  Variables: { ctx: Context; idempotencyKey?: IdempotencyKey | undefined };
};
