import * as z from "zod";
import { IpRanges } from "../../../core/ip-ranges.ts";

export const LocaleCode = z
  .string()
  .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, "must be a language tag such as en or pt-BR");

/** The locales of an environment, each with its fallback. */
export const Locales = z
  .array(z.strictObject({ code: LocaleCode, fallback: LocaleCode.optional() }))
  .min(1)
  .max(60);

export const GraphqlSettings = z.strictObject({
  introspection: z.boolean().describe("Whether introspection is allowed."),
  registered_only: z.boolean().describe("Whether only registered operations are allowed."),
});

export const EnvironmentChange = z.strictObject({
  is_default: z.literal(true).optional().describe("Makes it the default environment of requests."),
  default_locale: LocaleCode.optional().describe("One of the locales."),
  locales: Locales.optional().describe("All locales: those not in the list are removed."),
  graphql: GraphqlSettings.partial().optional().describe("Properties that are absent keep their values."),
});
export type EnvironmentChange = z.infer<typeof EnvironmentChange>;

const EnvironmentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be lower-case letters, digits, - and _, at most 63 characters");

/** `/environments/aliases` is a path of its own. */
export const NewEnvironmentName = EnvironmentName.refine((name) => name !== "aliases", "must not be aliases");

export const NewEnvironment = z.strictObject({
  name: NewEnvironmentName,
  from: z.string().max(63).optional().describe("The environment to clone; absent for an empty one."),
  default_locale: LocaleCode.optional().describe("Not with `from`; the first of `locales` when absent."),
  locales: Locales.optional().describe("Not with `from`, which has its own locales; only `en` when absent."),
});
export type NewEnvironment = z.infer<typeof NewEnvironment>;

export const Environment = z.object({
  name: z.string().describe("The value of `X-Flow-Environment`."),
  is_default: z.boolean().describe("Whether it is the default environment of requests."),
  default_locale: z.string(),
  locales: z.array(
    z.object({
      code: z.string(),
      fallback: z.string().optional().describe("The locale that missing values are taken from."),
    }),
  ),
  schema_version: z.int().describe("Increases with every change of a type or locale."),
  created_at: z.iso.datetime(),
  graphql: GraphqlSettings,
});
export type Environment = z.infer<typeof Environment>;

export const AliasTarget = z.strictObject({
  environment: z.string().max(63).describe("The name of the environment that the alias points to."),
});

export const Alias = z.object({
  name: z.string(),
  environment: z.string().describe("The name of the environment that it points to."),
});
export type Alias = z.infer<typeof Alias>;

/** The languages that emails are written in. */
export const LANGUAGES = ["en", "de", "es", "fr", "it", "nl", "pt"] as const;
const language = z.enum(LANGUAGES).describe("The language of notifications by email.");

export const TenantChange = z
  .strictObject({
    language,
    ip_ranges: IpRanges,
    sign_in: z
      .strictObject({
        sso: z.boolean().describe("Whether people of the connections' domains must use single sign-on."),
        second_factor: z.boolean().describe("Whether a second factor is required."),
      })
      .partial()
      .describe("The sign-in policy: what is required to get a token of this tenant."),
  })
  .partial();
export type TenantChange = z.infer<typeof TenantChange>;

/** A tenant as its admins see it. */
export const Tenant = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  status: z.enum(["active", "suspended"]),
  ip_ranges: IpRanges.describe("The IP ranges that its tokens may be used from; any address when empty."),
  sign_in: z.object({ sso: z.boolean(), second_factor: z.boolean() }).describe("The sign-in policy."),
  language,
  plan: z.string().describe("Its plan, or the installation's when it has none of its own."),
  quotas: z
    .object({ writes: z.int(), costly_reads: z.int() })
    .describe("How many writes and costly reads it has within a minute: its plan's, or its own."),
  created_at: z.iso.datetime(),
});
export type Tenant = z.infer<typeof Tenant>;
