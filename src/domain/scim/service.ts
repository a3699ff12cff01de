import type { IdentityContext } from "../../core/identity-context.ts";
import { requirePermission } from "../../core/permissions.ts";
import { GROUP, MAX_RESULTS, USER } from "./schemas.ts";

const SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const attribute = (name: string, more: object = {}) => ({
  name,
  type: "string",
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: "readWrite",
  returned: "default",
  uniqueness: "none",
  ...more,
});
const value = attribute("value", { mutability: "immutable" });

/** What this service can do (RFC 7643, 5). */
export function serviceProviderConfig(ctx: IdentityContext) {
  requirePermission(ctx, "sso:read");
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_RESULTS },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "API token",
        description: "An API token of the tenant, as a bearer token.",
        primary: true,
      },
    ],
    meta: {
      resourceType: "ServiceProviderConfig",
      location: `${ctx.door.issuer}/scim/v2/ServiceProviderConfig`,
    },
  };
}

/** The kinds of resources there are (RFC 7643, 6). */
export function resourceTypes(ctx: IdentityContext) {
  requirePermission(ctx, "sso:read");
  return [
    { name: "User", schema: USER },
    { name: "Group", schema: GROUP },
  ].map(({ name, schema }) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: name,
    name,
    endpoint: `/${name}s`,
    schema,
    meta: { resourceType: "ResourceType", location: `${ctx.door.issuer}/scim/v2/ResourceTypes/${name}` },
  }));
}

/** What of the schemas is kept (RFC 7643, 7). */
export function schemas(ctx: IdentityContext) {
  requirePermission(ctx, "sso:read");
  const described = [
    {
      id: USER,
      name: "User",
      description: "A member of the tenant.",
      attributes: [
        attribute("userName", { required: true, uniqueness: "server", mutability: "immutable" }),
        attribute("externalId", { caseExact: true }),
        attribute("displayName"),
        attribute("name", {
          type: "complex",
          subAttributes: ["formatted", "givenName", "familyName"].map((name) => attribute(name)),
        }),
        attribute("emails", {
          type: "complex",
          multiValued: true,
          mutability: "readOnly",
          subAttributes: [value],
        }),
        attribute("active", { type: "boolean" }),
        attribute("groups", {
          type: "complex",
          multiValued: true,
          mutability: "readOnly",
          subAttributes: [value],
        }),
      ],
    },
    {
      id: GROUP,
      name: "Group",
      description: "A team of the tenant.",
      attributes: [
        attribute("displayName", { required: true, uniqueness: "server" }),
        attribute("externalId", { caseExact: true }),
        attribute("members", { type: "complex", multiValued: true, subAttributes: [value] }),
      ],
    },
  ];
  return described.map((schema) => ({
    schemas: [SCHEMA],
    ...schema,
    meta: { resourceType: "Schema", location: `${ctx.door.issuer}/scim/v2/Schemas/${schema.id}` },
  }));
}
