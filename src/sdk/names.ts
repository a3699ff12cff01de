import type {
  Environment,
  Field,
  IssuedKey,
  IssuedToken,
  Key,
  NewClient,
  NewKey,
  NewPolicy,
  NewToken,
  RegisteredOperation,
  Schedule,
  TypeDefinition,
} from "./generated/shapes.ts";

/** The most a token may do: `write` contains `read`, `admin` contains all others. */
export type Scope = NewToken["scope"];
/** A new token: `token` is shown this once. */
export type MadeToken = IssuedToken;
/** A public key as a JWK. */
export type PublicJwk = NewKey["jwk"];
/** A key whose JWTs are trusted. */
export type TrustedKey = Key;
/** A new key; `tenant` is what its JWTs say as `tid`. */
export type MadeKey = IssuedKey;
/** A language tag such as `en` or `pt-BR`, and the locale that it falls back to. */
export type Locale = Environment["locales"][number];
/** What GraphQL answers. */
export type GraphqlSettings = Environment["graphql"];
/** A field of a content type and its rules. */
export type FieldDefinition = Field;
/** What a field may hold. */
export type FieldType = Field["type"];
/** How entries of a type are reviewed. */
export type Review = NonNullable<TypeDefinition["review"]>;
/** A GraphQL document that is run by its name. */
export type Operation = RegisteredOperation;
export type ScheduleState = Schedule["state"];
/** One thing that is allowed or refused; what it does not mention it does not narrow. */
export type NewGrant = NewPolicy["grants"][number];
/** An application that gets tokens from the tenant's authorisation server. */
export type NewOAuthClient = NewClient;
export type GrantType = NewClient["grants"][number];
/** What the client may do with an entry. `fields`: the only ones that it may change, where it is not all. */
export type Can = {
  update: boolean;
  publish: boolean;
  unpublish: boolean;
  delete: boolean;
  fields?: string[];
};
