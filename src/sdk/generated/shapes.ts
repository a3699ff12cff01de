// Made by `npm run generate` of the operations that the slices declare: change those.

export type Aggregate = {
  /** How many entries match. */
  count: number;
  /** The values of `group_by`. */
  group?: { [name: string]: string | number | boolean | null };
  /** By field the smallest value. */
  min?: { [name: string]: string | number | boolean | null };
  /** By field the largest value. */
  max?: { [name: string]: string | number | boolean | null };
  /** By field the average. */
  avg?: { [name: string]: string | number | boolean | null };
  /** By field the sum. */
  sum?: { [name: string]: string | number | boolean | null };
};

export type Alias = {
  name: string;
  /** The name of the environment that it leads to. */
  environment: string;
};

/** What is known about an image or a file. */
export type Asset = {
  id: AssetId;
  /** Goes up with every change. */
  version: number;
  /** Where a remote asset is; `null` when FlowCMS keeps the bytes. */
  source_url: string | null;
  filename: string;
  /** The media type, such as `image/jpeg`. */
  mime: string | null;
  title: string | null;
  /** What stands in place of an image. */
  alt: string | null;
  caption: string | null;
  description: string | null;
  /** `null` when the bytes are elsewhere. */
  size_bytes: number | null;
  /** The hash of the bytes in hexadecimal; `null` when they are elsewhere. */
  sha256: string | null;
  created_at: string;
  updated_at: string;
};

/** `ast_` and 26 characters of base 32; sorts by time. */
export type AssetId = string;

export type AuditRecord = {
  id: string;
  at: string;
  /** Who. */
  actor: {
    kind: "token" | "person" | "system";
    id: string;
  };
  /** What happened, such as `entry.published`. */
  action: string;
  /** To what, such as `entry:cnt_01jd…`. */
  subject: string;
  /** The `X-Request-Id` of the request that did it. */
  request_id: string | null;
  /** What more there is to know, by action. */
  meta: Record<string, unknown> | null;
};

export type BulkAnswer = {
  /** Whether it was all or nothing. */
  atomic: boolean;
  /** How many operations were done. */
  succeeded: number;
  /** How many were not; 0 when `atomic`. */
  failed: number;
  /** One for each operation, in their order. */
  items: BulkItem[];
};

export type BulkItem = {
  /** Which of the operations, from 0. */
  index: number;
  id: EntryId;
  /** What became of it; `unchanged` when a `put` found an equal entry. */
  outcome: "created" | "updated" | "unchanged" | "published" | "unpublished" | "deleted" | "failed";
  /** The entry as it is now; not when it was deleted or the operation failed. */
  entry?: Entry;
  /** Plans to publish it that unpublishing cancelled. */
  cancelled_schedules?: string[];
  /** What of HTML could not be kept, at most 50; absent when all of it was. */
  notes?: WriteNote[];
  /** Why it failed. */
  error?: Refusal;
};

export type ClientChange = {
  /** What people see when they are asked for consent. */
  name?: string | undefined;
  /** How it gets tokens. */
  grants?:
    | readonly (
        | "authorization_code"
        | "refresh_token"
        | "client_credentials"
        | "urn:ietf:params:oauth:grant-type:device_code"
      )[]
    | undefined;
  /** Where people may be sent back to, letter by letter; on a loopback IP address at any port. */
  redirect_uris?: readonly string[] | undefined;
  /** The most it may ask for. */
  scopes?:
    | readonly (
        | "read"
        | "write"
        | "admin"
        | "sso_admin"
        | "openid"
        | "profile"
        | "email"
        | "offline_access"
      )[]
    | undefined;
  /**
   * What it may do when it acts for itself (`client_credentials`): everything within its scopes when
   * there are none.
   */
  roles?: readonly string[] | undefined;
};

export type Comment = {
  /** `cmt_…` */
  id: string;
  /** The entry's id. */
  entry: string;
  /** Such as `title` or `body.content[2]`; null for the whole entry. */
  field: string | null;
  body: string;
  /** Ids of those who were told. */
  mentions: string[];
  created_at: string;
  /** A person's or token's id. */
  created_by: string;
  /** `null` as long as it is open. */
  resolved_at: string | null;
  resolved_by: string | null;
};

export type Connection =
  | {
      /** `sso_…` */
      id: string;
      name: string;
      /** Whose addresses it may speak for. */
      domains: string[];
      role_mapping: { [name: string]: string[] };
      default_roles: string[];
      jit: boolean;
      enabled: boolean;
      created_at: string;
      updated_at: string;
      type: "saml";
      saml: {
        entity_id: string;
        sso_url: string;
        certificates: {
          pem: string;
          fingerprint: string;
        }[];
        allow_idp_initiated: boolean;
        email_attribute?: string;
        name_attribute?: string;
        groups_attribute?: string;
        /** What the identity provider is told of us. */
        service_provider: {
          entity_id: string;
          metadata_url: string;
          acs_url: string;
          login_url: string;
          /** What we sign with and what is encrypted to us, PEM. */
          certificate: string;
        };
      };
    }
  | {
      /** `sso_…` */
      id: string;
      name: string;
      /** Whose addresses it may speak for. */
      domains: string[];
      role_mapping: { [name: string]: string[] };
      default_roles: string[];
      jit: boolean;
      enabled: boolean;
      created_at: string;
      updated_at: string;
      type: "oidc";
      oidc: {
        issuer: string;
        client_id: string;
        has_secret: boolean;
        scopes?: string;
        groups_claim?: string;
        trusts_email?: boolean;
        /** What the provider must know the client by. */
        redirect_uri: string;
        login_url: string;
      };
    };

export type ConnectionChange = {
  /** What the sign-in page calls it. */
  name?: string | undefined;
  /** Whose addresses it may speak for: domains that the tenant has verified. */
  domains?: readonly string[] | undefined;
  /** The roles that members of a group get: `{ "Editors": ["editor"] }`. */
  role_mapping?: { [name: string]: readonly string[] } | undefined;
  /** The roles that everybody gets. */
  default_roles?: readonly string[] | undefined;
  /** Whether people who are no members yet become members. */
  jit?: boolean | undefined;
  enabled?: boolean | undefined;
  saml?:
    | {
        /** The identity provider's metadata, XML; in place of the three below. */
        metadata?: string | undefined;
        /** Where its metadata is read from, once, now. */
        metadata_url?: string | undefined;
        entity_id?: string | undefined;
        /** Its single sign-on address for the redirect binding. */
        sso_url?: string | undefined;
        /** The certificates it signs with, PEM. */
        certificates?: readonly string[] | undefined;
        /** Whether people may begin at the identity provider. */
        allow_idp_initiated?: boolean | undefined;
        email_attribute?: string | undefined;
        name_attribute?: string | undefined;
        groups_attribute?: string | undefined;
      }
    | undefined;
  oidc?:
    | {
        /** Where its discovery document stands, without `/.well-known/…`. */
        issuer?: string | undefined;
        client_id?: string | undefined;
        /** Kept sealed and never shown; null for a public client. */
        client_secret?: string | null | undefined;
        scopes?: string | undefined;
        groups_claim?: string | undefined;
        /**
         * Whether an address counts when the provider does not say if it has verified it, as Microsoft Entra
         * ID does not. One that it says is unverified never counts.
         */
        trusts_email?: boolean | undefined;
      }
    | undefined;
};

export type ContentType = {
  id: string;
  name: string;
  /** What its entries are for. */
  description?: string;
  /** The field that names an entry in lists; by default `title`, `name` or the first short text. */
  display_field?: string;
  fields: Field[];
  /** The stages its entries move through; without it there is no review. */
  review?: {
    /** In their order; an entry begins in the first. */
    stages: {
      id: string;
      name?: string;
      /** Stages an entry may come from; any when absent. */
      from?: string[];
      /**
       * Scopes, or ids of people and tokens, that may move an entry here; everyone who may write when
       * absent.
       */
      by?: string[];
    }[];
    /**
     * Stages from which an entry may be published, any when absent. A change in one of them takes the
     * entry back to the first stage.
     */
    publish_from?: string[];
  };
  /** Goes up with every change. */
  version: number;
  created_at: string;
  updated_at: string;
  [name: string]: unknown;
};

export type Difference = {
  /** Such as `body.content[2]` or `title.fr`. */
  path: string;
  change: "added" | "removed" | "changed";
  /** The value before; absent when it was added. */
  from?: unknown;
  /** The value after; absent when it was removed. */
  to?: unknown;
};

export type Domain = {
  domain: string;
  /** Whether requests for this host are the tenant's. */
  serves: boolean;
  verified: boolean;
  verified_at: string | null;
  /** The DNS record that proves it. */
  record: {
    name: string;
    type: "TXT";
    value: string;
  };
  created_at: string;
};

/**
 * What every entry has; the fields of its type stand beside. With `fields=` only `id` is certain.
 * `status` is `changed` when the working copy is ahead of what is published.
 */
export type Entry = {
  id: EntryId;
  /** The id of its content type. */
  type?: string;
  /** The locale in which the values are shown; `*` when all are. */
  locale?: string;
  /** Goes up with every save. */
  version?: number;
  status?: "draft" | "published" | "changed";
  /** The version in delivery; shown with working copies only. */
  published_version?: number | null;
  /** Which locale is published at which version, when that is not the same for all. */
  published_locales?: { [name: string]: number } | null;
  /** Where it stands in the review of its type, if that has one. */
  stage?: string | null;
  /** The id of the person or token it is given to. */
  assignee?: string | null;
  /** When it was published first; unpublishing takes it back. */
  published_at?: string | null;
  created_at?: string;
  created_by?: string;
  updated_at?: string;
  updated_by?: string;
  [name: string]: unknown;
};

/** `cnt_` and 26 characters of base 32; sorts by time. */
export type EntryId = string;

export type EntryVersion = {
  /** Goes up with every save. */
  version: number;
  /** Versions with a name are kept for good. */
  name: string | null;
  /** A person's or token's id. */
  created_by: string;
  created_at: string;
  /** The fields as stored, localised ones by locale. */
  data: Record<string, unknown>;
};

export type Environment = {
  /** What `X-Flow-Environment` names. */
  name: string;
  /** Whether requests that name none are for it. */
  is_default: boolean;
  default_locale: string;
  locales: {
    code: string;
    /** Where missing values are taken from. */
    fallback?: string;
  }[];
  /** Goes up with every change of a type or locale. */
  schema_version: number;
  created_at: string;
  graphql: {
    /** Whether the schema may be asked for. */
    introspection: boolean;
    /** Whether only registered operations are run. */
    registered_only: boolean;
  };
};

export type EnvironmentChange = {
  /** Makes it the environment that requests are for when they name none. */
  is_default?: true | undefined;
  /** One of the locales. */
  default_locale?: string | undefined;
  /** All of them: one that is not there goes. */
  locales?:
    | readonly {
        code: string;
        fallback?: string | undefined;
      }[]
    | undefined;
  /** Only what is given is changed. */
  graphql?:
    | {
        /** Whether the schema may be asked for. */
        introspection?: boolean | undefined;
        /** Whether only registered operations are run. */
        registered_only?: boolean | undefined;
      }
    | undefined;
};

export type Explanation = {
  subject: string;
  action: string;
  resource: string | null;
  allowed: boolean;
  /** Of a type: whether it depends on the entry. */
  is_conditional: boolean;
  /** The grant; `scope` when the scopes decide alone; `default` when nothing grants it. */
  decided_by: {
    by: "grant" | "scope" | "default";
    scopes?: ("read" | "write" | "admin" | "sso_admin")[];
    grant?: string;
    policy?: string | null;
    role?: string | null;
    effect?: "allow" | "deny";
  };
  /** Every grant, and why it speaks of this or does not. */
  considered: {
    grant: string;
    policy: string | null;
    role: string | null;
    effect: "allow" | "deny";
    applies: boolean;
    because: string;
  }[];
};

export type Field = {
  id: string;
  type:
    | "short_text"
    | "long_text"
    | "rich_text"
    | "markdown"
    | "integer"
    | "number"
    | "boolean"
    | "date"
    | "datetime"
    | "slug"
    | "enum"
    | "email"
    | "url"
    | "color"
    | "json"
    | "location"
    | "media"
    | "reference"
    | "component"
    | "blocks";
  /** For the people who edit. */
  name?: string | undefined;
  /** What they should know about it. */
  help?: string | undefined;
  /** Whether a value must be there. */
  required?: boolean | undefined;
  /** Whether no other entry of the type may have the value. */
  unique?: boolean | undefined;
  /** Whether it has one value for each locale. */
  localized?: boolean | undefined;
  /** Shortest text, smallest number, fewest elements. */
  min?: number | undefined;
  /** Longest text, largest number, most elements. */
  max?: number | undefined;
  /** RE2 syntax; the whole value must match. */
  pattern?: string | undefined;
  default?: JsonValue | undefined;
  /** The values of an `enum`. */
  options?: readonly string[] | undefined;
  /** Whether it is a list. */
  multiple?: boolean | undefined;
  /** Ids of the content types a reference may point to; any when absent. */
  to?: readonly string[] | undefined;
  fields?: readonly Field[] | undefined;
  components?:
    | readonly {
        id: string;
        name?: string | undefined;
        fields: readonly Field[];
      }[]
    | undefined;
};

export type GraphqlAnswer = {
  data?: Record<string, unknown> | null;
  errors?: {
    message: string;
    [name: string]: unknown;
  }[];
  [name: string]: unknown;
};

export type Invitation = {
  /** `inv_…` */
  id: string;
  email: string;
  /** Names of roles: `owner`, `admin`, `editor`, `author`, `contributor`, `viewer`, or one of your own. */
  roles: string[];
  created_at: string;
  created_by: string;
  /** A week after it was written. */
  expires_at: string;
};

export type IssuedClient = {
  /** The `client_id`, `cli_…`. */
  id: string;
  name: string;
  confidential: boolean;
  grants: string[];
  redirect_uris: string[];
  scopes: string[];
  roles: string[];
  created_at: string;
  created_by: string;
  /** The `client_secret`. This answer is the only place that ever shows it. */
  secret?: string;
};

export type IssuedKey = {
  /** The id that JWTs name the key by. */
  kid: string;
  alg: "ES256" | "EdDSA" | "RS256";
  /** The public key as it was registered. */
  jwk: Record<string, unknown>;
  created_at: string;
  /** What the JWTs must carry as `tid`. */
  tenant: string;
};

export type IssuedToken = {
  /** `tok_…` */
  id: string;
  name: string;
  /** The most it may do. */
  scope: "read" | "write" | "admin" | "sso_admin";
  /** The role that narrows its scope; nothing does when absent. */
  role?: string | null;
  /** The only content types it is for; all when absent. */
  content_types?: string[] | null;
  /** The only environment it works in; any when absent. */
  environment?: string | null;
  created_at: string;
  created_by?: string;
  /** Never when absent. */
  expires_at?: string | null;
  /** From where it may be used; from anywhere when there are none. */
  ip_ranges?: string[];
  /** Up to five minutes behind. */
  last_used_at?: string | null;
  /** The token itself. This answer is the only place that ever shows it. */
  token: string;
};

export type IssuerKey = {
  kid: string;
  alg: "ES256";
  /** Published before it signs, signs, signed what may still be shown. */
  state: "next" | "active" | "retired";
  created_at: string;
  active_at: string | null;
  retired_at: string | null;
};

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { [name: string]: JsonValue };

export type Key = {
  /** The id that JWTs name the key by. */
  kid: string;
  alg: "ES256" | "EdDSA" | "RS256";
  /** The public key as it was registered. */
  jwk: Record<string, unknown>;
  created_at: string;
};

export type Leavings = {
  tokens: {
    id: string;
    name: string;
    scopes: string[];
    last_used_at: string | null;
  }[];
  schedules: {
    id: string;
    environment: string;
    entry: string;
    action: string;
    due_at: string;
  }[];
  /** Which of them were ended with the membership. */
  revoked: ("tokens" | "schedules")[];
};

export type LeftOut = {
  /** Such as `seo.title`, `title.fr` or `blocks[0].text`. */
  path: string;
  reason:
    | "field-removed"
    | "block-removed"
    | "locale-removed"
    | "value-invalid"
    | "target-missing"
    | "value-taken";
  message: string;
};

export type Me = {
  kind: "token" | "person" | "system";
  id: string;
  scopes: ("read" | "write" | "admin" | "sso_admin")[];
  /** Null when no role narrows the scopes. */
  roles: string[] | null;
  /** What can be done at all, of content perhaps to some entries only. */
  permissions: string[];
  /** Whether grants leave out some of what the scopes hold. */
  is_narrowed: boolean;
  /** The grants that are in force in this environment. */
  grants: unknown[] | null;
  /** What conditions know of you as `$actor.…`. */
  attributes: Record<string, unknown>;
  /** Whether it works in one environment only. */
  is_bound: boolean;
};

export type Member = {
  /** The person's, `usr_…`. */
  id: string;
  email: string;
  name: string;
  /** Names of roles: `owner`, `admin`, `editor`, `author`, `contributor`, `viewer`, or one of your own. */
  roles: string[];
  /** Their roles count too. */
  teams: {
    id: string;
    name: string;
    /** Names of roles: `owner`, `admin`, `editor`, `author`, `contributor`, `viewer`, or one of your own. */
    roles: string[];
  }[];
  /** How they came in: `first`, `invitation`, `sso` or `scim`. */
  source: string;
  suspended: boolean;
  created_at: string;
};

export type MemberChange = {
  /** In place of those they have. */
  roles?: readonly string[] | undefined;
  /** Whether they are kept out for now. */
  suspended?: boolean | undefined;
};

export type NewClient = {
  /** What people see when they are asked for consent. */
  name: string;
  /** How it gets tokens. */
  grants: readonly (
    | "authorization_code"
    | "refresh_token"
    | "client_credentials"
    | "urn:ietf:params:oauth:grant-type:device_code"
  )[];
  /** Where people may be sent back to, letter by letter; on a loopback IP address at any port. */
  redirect_uris?: readonly string[] | undefined;
  /** The most it may ask for. */
  scopes?:
    | readonly (
        | "read"
        | "write"
        | "admin"
        | "sso_admin"
        | "openid"
        | "profile"
        | "email"
        | "offline_access"
      )[]
    | undefined;
  /**
   * What it may do when it acts for itself (`client_credentials`): everything within its scopes when
   * there are none.
   */
  roles?: readonly string[] | undefined;
  /** Whether it can keep a secret; apps on phones and in browsers cannot. */
  confidential?: boolean | undefined;
};

export type NewComment = {
  /** What you have to say, as plain text. */
  body: string;
  /** The field it is about, such as `title` or `body.content[2]`; the whole entry when absent. */
  field?: string | undefined;
  /** Ids of the people and tokens to tell. */
  mentions?: readonly string[] | undefined;
};

export type NewConnection =
  | {
      type: "saml";
      /** What the sign-in page calls it. */
      name: string;
      /** Whose addresses it may speak for: domains that the tenant has verified. */
      domains?: readonly string[] | undefined;
      /** The roles that members of a group get: `{ "Editors": ["editor"] }`. */
      role_mapping?: { [name: string]: readonly string[] } | undefined;
      /** The roles that everybody gets. */
      default_roles?: readonly string[] | undefined;
      /** Whether people who are no members yet become members. */
      jit?: boolean | undefined;
      enabled?: boolean | undefined;
      saml: {
        /** The identity provider's metadata, XML; in place of the three below. */
        metadata?: string | undefined;
        /** Where its metadata is read from, once, now. */
        metadata_url?: string | undefined;
        entity_id?: string | undefined;
        /** Its single sign-on address for the redirect binding. */
        sso_url?: string | undefined;
        /** The certificates it signs with, PEM. */
        certificates?: readonly string[] | undefined;
        /** Whether people may begin at the identity provider. */
        allow_idp_initiated?: boolean | undefined;
        email_attribute?: string | undefined;
        name_attribute?: string | undefined;
        groups_attribute?: string | undefined;
      };
    }
  | {
      type: "oidc";
      /** What the sign-in page calls it. */
      name: string;
      /** Whose addresses it may speak for: domains that the tenant has verified. */
      domains?: readonly string[] | undefined;
      /** The roles that members of a group get: `{ "Editors": ["editor"] }`. */
      role_mapping?: { [name: string]: readonly string[] } | undefined;
      /** The roles that everybody gets. */
      default_roles?: readonly string[] | undefined;
      /** Whether people who are no members yet become members. */
      jit?: boolean | undefined;
      enabled?: boolean | undefined;
      oidc: {
        /** Where its discovery document stands, without `/.well-known/…`. */
        issuer: string;
        client_id: string;
        /** Kept sealed and never shown; null for a public client. */
        client_secret?: string | null | undefined;
        scopes?: string | undefined;
        groups_claim?: string | undefined;
        /**
         * Whether an address counts when the provider does not say if it has verified it, as Microsoft Entra
         * ID does not. One that it says is unverified never counts.
         */
        trusts_email?: boolean | undefined;
      };
    };

export type NewDomain = {
  /** Lower case, in its ASCII form. */
  domain: string;
  /** Whether requests for this host are the tenant's. */
  serves?: boolean | undefined;
};

export type NewEnvironment = {
  name: string;
  /** The environment whose types and content are copied; an empty one is made when absent. */
  from?: string | undefined;
  /** Not with `from`; the first of `locales` when absent. */
  default_locale?: string | undefined;
  /** Not with `from`, whose locales a copy has; `en` alone when absent. */
  locales?:
    | readonly {
        code: string;
        fallback?: string | undefined;
      }[]
    | undefined;
};

export type NewInvitation = {
  /** Who is invited: the invitation is for whoever reads this mailbox. */
  email: string;
  /** What they will be. */
  roles: readonly string[];
};

export type NewKey = {
  kid: string;
  jwk:
    | {
        kty: "EC";
        crv: "P-256";
        x: string;
        y: string;
      }
    | {
        kty: "OKP";
        crv: "Ed25519";
        x: string;
      }
    | {
        kty: "RSA";
        n: string;
        e: string;
      };
};

export type NewPolicy = {
  /** An id of your own; a new one when absent. */
  id?: string | undefined;
  /** Unique in the tenant. */
  name: string;
  description?: string | undefined;
  grants: readonly {
    /** What explanations call it; `grant-1`, `grant-2`, … when absent. */
    id?: string | undefined;
    /** `deny` beats every `allow`, whatever their order. */
    effect?: "allow" | "deny" | undefined;
    /** Permissions such as `content:publish`, all of a kind (`content:*`), or `*`. */
    actions: readonly string[];
    /** Content types; all when absent. */
    types?: readonly string[] | undefined;
    /** Locales; all, and what is not localised, when absent. */
    locales?: readonly string[] | undefined;
    /** Names of environments; all when absent. */
    environments?: readonly string[] | undefined;
    /** Fields that may be read or written; all when absent. */
    fields?: readonly string[] | undefined;
    /**
     * Filters on the entry as lists have them, such as `{ "created_by": "$me", "status": { "in": ["draft"]
     * } }`; `$me` and `$actor.…` stand for who acts.
     */
    conditions?: Record<string, unknown> | undefined;
  }[];
};

export type NewRole = {
  /** What tokens and JWTs call it; it cannot change. */
  name: string;
  description?: string | undefined;
  /** Ids of policies, whose grants add up. */
  policies?: readonly string[] | undefined;
};

export type NewTeam = {
  name: string;
  /** What its members are, beside their own roles. */
  roles?: readonly string[] | undefined;
};

export type NewToken = {
  /** What it is for. */
  name: string;
  /**
   * The most it may do: `write` contains `read`, `admin` contains all others; `sso_admin` looks after
   * sign-in and reads the audit log, and no content.
   */
  scope: "read" | "write" | "admin" | "sso_admin";
  /** A role that narrows what the scope holds; everything it holds when absent. */
  role?: string | undefined;
  /** The only content types it is for; all when absent. */
  content_types?: readonly string[] | undefined;
  /** The only environment it is to work in; any when absent. */
  environment?: string | undefined;
  /** Never when absent. */
  expires_at?: string | undefined;
  /** From where it may be used, beside what the tenant says; from anywhere when absent. */
  ip_ranges?: readonly string[] | undefined;
};

export type Notification = {
  id: string;
  /** `comment.mention`, `entry.assigned` or `schedule.failed`. */
  kind: string;
  /** Such as `entry:cnt_01jd…`. */
  subject: string;
  /** More of it: the comment, who mentioned or assigned, or why the schedule failed. */
  payload: unknown;
  created_at: string;
  /** `null` as long as it is unread. */
  read_at: string | null;
};

export type OAuthClient = {
  /** The `client_id`, `cli_…`. */
  id: string;
  name: string;
  confidential: boolean;
  grants: string[];
  redirect_uris: string[];
  scopes: string[];
  roles: string[];
  created_at: string;
  created_by: string;
};

export type Policy = {
  /** `pol_…` */
  id: string;
  name: string;
  description: string | null;
  grants: {
    /** What explanations call it. */
    id: string;
    /** `deny` beats every `allow`, whatever their order. */
    effect?: "allow" | "deny";
    /** Permissions such as `content:publish`, all of a kind (`content:*`), or `*`. */
    actions: string[];
    /** Content types; all when absent. */
    types?: string[];
    /** Locales; all, and what is not localised, when absent. */
    locales?: string[];
    /** Names of environments; all when absent. */
    environments?: string[];
    /** Fields that may be read or written; all when absent. */
    fields?: string[];
    /**
     * Filters on the entry as lists have them, such as `{ "created_by": "$me", "status": { "in": ["draft"]
     * } }`; `$me` and `$actor.…` stand for who acts.
     */
    conditions?: Record<string, unknown>;
  }[];
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
};

export type PolicyChange = {
  /** Unique in the tenant. */
  name?: string | undefined;
  description?: string | undefined;
  grants?:
    | readonly {
        /** What explanations call it; `grant-1`, `grant-2`, … when absent. */
        id?: string | undefined;
        /** `deny` beats every `allow`, whatever their order. */
        effect?: "allow" | "deny" | undefined;
        /** Permissions such as `content:publish`, all of a kind (`content:*`), or `*`. */
        actions: readonly string[];
        /** Content types; all when absent. */
        types?: readonly string[] | undefined;
        /** Locales; all, and what is not localised, when absent. */
        locales?: readonly string[] | undefined;
        /** Names of environments; all when absent. */
        environments?: readonly string[] | undefined;
        /** Fields that may be read or written; all when absent. */
        fields?: readonly string[] | undefined;
        /**
         * Filters on the entry as lists have them, such as `{ "created_by": "$me", "status": { "in": ["draft"]
         * } }`; `$me` and `$actor.…` stand for who acts.
         */
        conditions?: Record<string, unknown> | undefined;
      }[]
    | undefined;
};

export type Reference = {
  /** The entry that refers. */
  id: EntryId;
  /** Its content type. */
  type: string;
  /** The field at its top level that holds the reference. */
  field: string;
  /** `null` when the field is not localised. */
  locale: string | null;
  /** Whether the working copy refers, what is published, or an entry in the trash. */
  perspective: "draft" | "published" | "trash";
};

export type Refusal = {
  code: string;
  reason: string;
  message: string;
  details?: {
    path: string;
    message: string;
    [name: string]: unknown;
  }[];
};

export type RegisteredOperation = {
  name: string;
  document: string;
  updated_at: string;
  updated_by: string;
};

export type RemoteAsset = {
  /** Where the file is, and stays. */
  source_url: string;
  /** The last part of the address, or the name of the file, when absent. */
  filename?: string | null | undefined;
  /** The media type, such as `image/jpeg`; that of the uploaded file when absent. */
  mime?: string | null | undefined;
  title?: string | null | undefined;
  /** What stands in place of an image. */
  alt?: string | null | undefined;
  caption?: string | null | undefined;
  description?: string | null | undefined;
  /** When it was made elsewhere, for imports. */
  created_at?: string | undefined;
};

export type Role = {
  /** `rol_…`; null for a role that every tenant has. */
  id: string | null;
  name: string;
  description: string | null;
  is_built_in: boolean;
  /** Ids, in their order. */
  policies: string[];
  /** Of a role that every tenant has. */
  grants?: unknown[];
  created_at?: string;
  updated_at?: string;
};

export type RoleChange = {
  description?: string | undefined;
  policies?: readonly string[] | undefined;
};

export type Schedule = {
  /** `sch_…` */
  id: string;
  /** The entry's id. */
  entry: string;
  /** The entry's content type. */
  type: string;
  action: "publish" | "unpublish";
  /** In UTC, whatever the time zone. */
  due_at: string;
  /** The one that `at` was given in. */
  time_zone: string;
  /** Every locale when `null`. */
  locales: string[] | null;
  /** The only version it is for; any when `null`. */
  version: number | null;
  state: "pending" | "running" | "done" | "failed" | "cancelled";
  /** When it was done, failed or cancelled. */
  finished_at: string | null;
  /** What was wrong when it was tried, as an error of the API. */
  failure: Refusal | null;
  created_at: string;
  /** Who planned it, and is told when it fails. */
  created_by: string;
};

export type Standing = {
  id: string;
  type: string;
  /** The version of the working copy; moving and assigning make no new one. */
  version: number;
  /** The id of the stage. */
  stage: string;
  /** A person's or token's id. */
  assignee: string | null;
};

export type Team = {
  /** `tea_…` */
  id: string;
  name: string;
  /** Names of roles: `owner`, `admin`, `editor`, `author`, `contributor`, `viewer`, or one of your own. */
  roles: string[];
  /** Ids of people. */
  members: string[];
  created_at: string;
};

export type TeamChange = {
  name?: string | undefined;
  /** What its members are, beside their own roles. */
  roles?: readonly string[] | undefined;
};

export type Tenant = {
  id: string;
  slug: string;
  name: string;
  status: "active" | "suspended";
  /** From where its tokens may be used; from anywhere when there are none. */
  ip_ranges: string[];
  /** What a sign-in must have. */
  sign_in: {
    sso: boolean;
    second_factor: boolean;
  };
  created_at: string;
};

export type TenantChange = {
  ip_ranges?: readonly string[] | undefined;
  /** What a sign-in must have before it gets a token of this tenant. */
  sign_in?:
    | {
        /** Whether people of the connections' domains must sign in by a connection. */
        sso?: boolean | undefined;
        /** Whether a password alone is not enough. */
        second_factor?: boolean | undefined;
      }
    | undefined;
};

export type Token = {
  /** `tok_…` */
  id: string;
  name: string;
  /** The most it may do. */
  scope: "read" | "write" | "admin" | "sso_admin";
  /** The role that narrows its scope; nothing does when absent. */
  role?: string | null;
  /** The only content types it is for; all when absent. */
  content_types?: string[] | null;
  /** The only environment it works in; any when absent. */
  environment?: string | null;
  created_at: string;
  created_by?: string;
  /** Never when absent. */
  expires_at?: string | null;
  /** From where it may be used; from anywhere when there are none. */
  ip_ranges?: string[];
  /** Up to five minutes behind. */
  last_used_at?: string | null;
};

export type TrashedEntry = {
  id: EntryId;
  type: string;
  /** The last one; restoring makes the next. */
  version: number;
  deleted_at: string;
  /** A person's or token's id. */
  deleted_by: string;
  /** The fields as stored, localised ones by locale. */
  data: Record<string, unknown>;
};

export type TypeDefinition = {
  id: string;
  name: string;
  /** What its entries are for. */
  description?: string | undefined;
  /** The field that names an entry in lists; by default `title`, `name` or the first short text. */
  display_field?: string | undefined;
  fields: readonly Field[];
  /** The stages its entries move through; without it there is no review. */
  review?:
    | {
        /** In their order; an entry begins in the first. */
        stages: readonly {
          id: string;
          name?: string | undefined;
          /** Stages an entry may come from; any when absent. */
          from?: readonly string[] | undefined;
          /**
           * Scopes, or ids of people and tokens, that may move an entry here; everyone who may write when
           * absent.
           */
          by?: readonly string[] | undefined;
        }[];
        /**
         * Stages from which an entry may be published, any when absent. A change in one of them takes the
         * entry back to the first stage.
         */
        publish_from?: readonly string[] | undefined;
      }
    | undefined;
};

/** What a write did not keep of a value, and how often that was. */
export type WriteNote = {
  /** The field, such as `body` or `parts[0].text`. */
  path: string;
  /** Such as `dropped <script>`. */
  message: string;
  /** How often. */
  count: number;
};
