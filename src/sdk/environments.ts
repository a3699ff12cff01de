import type { Ask, CallOptions, ClientOptions } from "./call.ts";
import { clientError } from "./errors.ts";
import { environmentsOf as generated, type Environments as Generated } from "./generated/environments.ts";
import type { Environment } from "./generated/shapes.ts";

/** Environments and their aliases. */
export type Environments = Generated & {
  /** The one that the client works in: that of its `environment`, aliases followed, or the default one. */
  current(options?: CallOptions): Promise<Environment>;
};

export function environmentsOf(ask: Ask, { environment: wanted }: ClientOptions): Environments {
  const environments = generated(ask);
  return {
    ...environments,
    async current(options) {
      const [all, aliases] = await Promise.all([
        environments.list(options),
        wanted === undefined ? [] : environments.aliases.list(options),
      ]);
      const name = aliases.find((alias) => alias.name === wanted)?.environment ?? wanted;
      const found = all.find((one) =>
        name === undefined ? one.is_default || all.length === 1 : one.name === name,
      );
      if (found) return found;
      const message = `There is no environment "${wanted ?? "(default)"}" that this token can access.`;
      throw clientError("NOT_FOUND", "client/no-environment", message);
    },
  };
}
