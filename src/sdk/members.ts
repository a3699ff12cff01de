import type { Ask, CallOptions } from "./call.ts";
import { membersOf as generated, type Members as Generated } from "./generated/members.ts";
import type { Leavings } from "./generated/shapes.ts";

/** The people of the tenant, and who is invited. */
export type Members = Omit<Generated, "remove"> & {
  /** Removes a member and answers what they leave; `revoke` ends it in the same step. */
  remove(id: string, options?: CallOptions & { revoke?: Leavings["revoked"] }): Promise<Leavings>;
};

export function membersOf(ask: Ask): Members {
  const members = generated(ask);
  return {
    ...members,
    async remove(id, { revoke = [], ...options } = {}) {
      const left = await members.remove(id, { revoke: revoke.join(",") || undefined }, options);
      return left ?? { tokens: [], schedules: [], revoked: [] };
    },
  };
}
