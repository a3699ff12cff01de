import { PLANS } from "../core/plans.ts";
import { MASTER_KEYS_FORM, parseMasterKeys } from "../platform/vault.ts";

type Setting = {
  /** One line for --help. */
  about: string;
  /** The only Workers that are given it; all of them when absent. */
  only?: readonly ("identity" | "gateway" | "webhooks")[];
  /** The value as the Workers take it; throws with what it must be. */
  parse?: (text: string) => string;
  /** Whether nobody may see it, in no error either. */
  isSecret?: boolean;
};

/** The Workers' settings of a self-hosted installation, by the name of the environment variable. */
export const SETTINGS: Record<string, Setting> = {
  PUBLIC_URL: { about: "the public origin, when FlowCMS is behind a proxy", parse: origin },
  ADDRESS_HEADER: {
    about: "the header with the client's IP address, set by that proxy, such as x-real-ip",
    only: ["gateway"],
    parse: headerName,
  },
  DEFAULT_TENANT: { about: "the tenant whose pages are at PUBLIC_URL itself", only: ["gateway"] },
  SIGN_UP: { about: "open: everybody may create a tenant", parse: oneOf("open", "closed") },
  RATE_LIMIT_PER_MINUTE: {
    about: "requests per minute of a token or an IP address",
    parse: wholeNumber,
  },
  KEPT_ANSWERS_MB: {
    about: "MB of answers kept on the disk for outages of the database",
    only: ["gateway"],
    parse: wholeNumber,
  },
  DEFAULT_PLAN: {
    about: "the plan of tenants without one of their own",
    only: ["gateway"],
    parse: oneOf(...Object.keys(PLANS)),
  },
  DNS_URL: {
    about: "a DNS-over-HTTPS resolver, to verify domains and the targets of webhooks",
    only: ["identity", "webhooks"],
    parse: address,
  },
  EMAIL_URL: {
    about: "the HTTP API of an email provider, instead of the local mailbox",
    only: ["identity"],
    parse: address,
  },
  EMAIL_TOKEN: { about: "its token", only: ["identity"] },
  EMAIL_FROM: { about: "the sender of emails", only: ["identity"] },
  FLOW_ALLOW_PRIVATE_TARGETS: {
    about: "1: webhooks may call this machine, without https; for development",
    only: ["webhooks"],
    parse: oneOf("1", "0"),
  },
  MASTER_KEYS: {
    about: "keys that encrypt secrets, instead of the generated one",
    only: ["identity", "webhooks"],
    parse: masterKeys,
    isSecret: true,
  },
};

/**
 * What the environment sets; an empty variable counts as none. Throws at a value that the Workers
 * would not take.
 */
export function settingsFrom(environment: NodeJS.Dict<string>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, { parse, isSecret }] of Object.entries(SETTINGS)) {
    const text = environment[name]?.trim();
    if (!text) continue;
    try {
      settings[name] = parse ? parse(text) : text;
    } catch (error) {
      const but = isSecret ? "" : `, not "${text}"`;
      throw new Error(`${name} must be ${(error as Error).message}${but}.`, { cause: error });
    }
  }
  return settings;
}

const only = (name: string): readonly string[] | undefined => SETTINGS[name]?.only;

/** Those of the settings that a Worker is given. */
export function settingsOf(worker: string, settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !only(name) || only(name)!.includes(worker)),
  );
}

/** The lines about them for --help. */
export const SETTINGS_HELP = Object.entries(SETTINGS)
  .map(([name, { about }]) => `  ${name.padEnd(21)} ${about}`)
  .join("\n");

function origin(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new Error("an http or https origin");
  return new URL(text).origin;
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new Error("an http or https address");
  return text;
}

function masterKeys(text: string): string {
  try {
    parseMasterKeys(text);
  } catch {
    throw new Error(MASTER_KEYS_FORM);
  }
  return text;
}

function headerName(text: string): string {
  if (!/^[a-z][\w-]{0,63}$/i.test(text)) throw new Error("the name of a header");
  return text.toLowerCase();
}

function wholeNumber(text: string): string {
  if (!/^\d{1,9}$/.test(text)) throw new Error("a whole number");
  return String(Number(text));
}

function oneOf(...values: string[]): (text: string) => string {
  return (text) => {
    if (!values.includes(text)) throw new Error(values.join(" or "));
    return text;
  };
}
