import { dataOf, type Ask, type CallOptions, type ClientOptions } from "./call.ts";
import { clientError } from "./errors.ts";
import { pathOf } from "./path.ts";

/** A language tag such as `en` or `pt-BR`, and the locale that stands in where it has no value. */
export type Locale = { code: string; fallback?: string };

/** What GraphQL answers. */
export type GraphqlSettings = {
  /** Whether the schema may be asked for. */
  introspection: boolean;
  /** Whether only registered operations are run. */
  registered_only: boolean;
};

/** A set of types and entries. */
export type Environment = {
  name: string;
  is_default: boolean;
  default_locale: string;
  locales: Locale[];
  schema_version: number;
  created_at: string;
  graphql: GraphqlSettings;
};
export type NewEnvironment = {
  name: string;
  /** The environment whose types and content are copied; an empty one is made when absent. */
  from?: string | undefined;
  default_locale?: string | undefined;
  locales?: readonly Locale[] | undefined;
};
export type EnvironmentChange = {
  /** Makes it the one that is meant when none is named. */
  is_default?: true | undefined;
  default_locale?: string | undefined;
  locales?: readonly Locale[] | undefined;
  graphql?: Partial<GraphqlSettings> | undefined;
};
/** Another name for an environment. */
export type Alias = { name: string; environment: string };

/** Environments and their aliases. */
export type Environments = {
  list(options?: CallOptions): Promise<Environment[]>;
  /** The one that the client works in: that of its `environment`, aliases followed, or the default one. */
  current(options?: CallOptions): Promise<Environment>;
  create(environment: NewEnvironment, options?: CallOptions): Promise<Environment>;
  update(name: string, change: EnvironmentChange, options?: CallOptions): Promise<Environment>;
  /** Deletes an environment with all that is in it. */
  delete(name: string, options?: CallOptions): Promise<void>;
  aliases: {
    list(options?: CallOptions): Promise<Alias[]>;
    /** Points an alias to an environment, in one step for every reader. */
    put(name: string, environment: string, options?: CallOptions): Promise<Alias>;
    delete(name: string, options?: CallOptions): Promise<void>;
  };
};

export function environmentsOf(ask: Ask, { environment: wanted }: ClientOptions): Environments {
  const at = (...steps: string[]) => pathOf("environments", ...steps);
  const list = async (options?: CallOptions): Promise<Environment[]> =>
    dataOf(await ask("GET", at(), {}, options));
  const listAliases = async (options?: CallOptions): Promise<Alias[]> =>
    dataOf(await ask("GET", at("aliases"), {}, options));
  return {
    list,
    async current(options) {
      const [all, aliases] = await Promise.all([
        list(options),
        wanted === undefined ? [] : listAliases(options),
      ]);
      const name = aliases.find((alias) => alias.name === wanted)?.environment ?? wanted;
      const found = all.find((one) =>
        name === undefined ? one.is_default || all.length === 1 : one.name === name,
      );
      if (found) return found;
      const message = `There is no environment "${wanted ?? "(default)"}" that this token sees.`;
      throw clientError("NOT_FOUND", "client/no-environment", message);
    },
    create: async (environment, options) => dataOf(await ask("POST", at(), { body: environment }, options)),
    update: async (name, change, options) => dataOf(await ask("PATCH", at(name), { body: change }, options)),
    delete: async (name, options) => void (await ask("DELETE", at(name), {}, options)),
    aliases: {
      list: listAliases,
      put: async (name, environment, options) =>
        dataOf(await ask("PUT", at("aliases", name), { body: { environment } }, options)),
      delete: async (name, options) => void (await ask("DELETE", at("aliases", name), {}, options)),
    },
  };
}
