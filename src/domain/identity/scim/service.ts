import type { IdentityContext } from "../../../core/identity-context.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { GROUPS, USERS } from "./attributes.ts";
import { MAX_RESULTS } from "./schemas.ts";

const SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema";

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
    etag: { supported: true },
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
      location: `${ctx.site.issuer}/scim/v2/ServiceProviderConfig`,
    },
  };
}

/** The kinds of resources there are (RFC 7643, 6). */
export function resourceTypes(ctx: IdentityContext) {
  requirePermission(ctx, "sso:read");
  return [USERS, GROUPS].map(({ name, id, description, extension }) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: name,
    name,
    description,
    endpoint: `/${name}s`,
    schema: id,
    ...(extension ? { schemaExtensions: [{ schema: extension.id, required: false }] } : {}),
    meta: { resourceType: "ResourceType", location: `${ctx.site.issuer}/scim/v2/ResourceTypes/${name}` },
  }));
}

/** The supported part of the schemas (RFC 7643, 7). */
export function schemas(ctx: IdentityContext) {
  requirePermission(ctx, "sso:read");
  const described = [USERS, GROUPS].flatMap(({ id, name, description, attributes, extension }) => [
    { id, name, description, attributes },
    ...(extension ? [extension] : []),
  ]);
  return described.map((schema) => ({
    schemas: [SCHEMA],
    ...schema,
    meta: { resourceType: "Schema", location: `${ctx.site.issuer}/scim/v2/Schemas/${schema.id}` },
  }));
}
