import { sql, type SQL } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { equalInConstantTime, hashSecret } from "../../../core/tokens.ts";
import { oauthError } from "./oauth-error.ts";
import { asksSomething, OFFLINE, ofApi, type GrantType } from "./schemas.ts";

/** A client as the protocol sees it. */
export type Client = {
  id: string;
  name: string;
  secretHash: string | null;
  redirectUris: string[];
  grants: GrantType[];
  scopes: string[];
  roles: string[];
};

const ALL = ["read", "write", "admin", "sso_admin", OFFLINE];

/** Built-in clients of every tenant: public ones, so consent and PKCE or a device code are required. */
const BUILT_IN: Client[] = [
  {
    id: "flow-cli",
    name: "FlowCMS command line",
    secretHash: null,
    redirectUris: ["http://127.0.0.1/callback", "http://[::1]/callback"],
    grants: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    scopes: ALL,
    roles: [],
  },
];
/** The client that tokens for our own pages are issued to. */
export const PAGES_CLIENT = "flow-pages";

/** What a client showed to prove itself. */
export type Shown = { clientId: string; secret: string | undefined };

/**
 * Reads `client_secret_basic`, `client_secret_post` or a bare `client_id`; throws `invalid_client`, or
 * `invalid_request` for two at once.
 */
export function readClient(authorization: string | null, form: Record<string, string>): Shown {
  const [, basic] = /^Basic +([\w+/=]+)$/i.exec(authorization ?? "") ?? [];
  if (basic !== undefined) {
    if (form["client_secret"] !== undefined)
      throw oauthError("invalid_request", "Send the client secret once, in the header or in the form.");
    const [id, ...rest] = decode(basic).split(":");
    const [clientId, secret] = [unform(id!), unform(rest.join(":"))];
    if (form["client_id"] !== undefined && form["client_id"] !== clientId)
      throw oauthError("invalid_request", "The header and the form name different clients.");
    return { clientId, secret: secret === "" ? undefined : secret };
  }
  const { client_id: clientId, client_secret: secret } = form;
  if (!clientId) throw oauthError("invalid_client", "client_id is missing.");
  return { clientId, secret };
}

/** The client's row as `clientOf` reads it, for a statement that needs it. */
export const clientRow = (ctx: IdentityContext, clientId: string): SQL =>
  sql`(select jsonb_build_object('id', id, 'name', name, 'secretHash', secret_hash, 'redirectUris',
    redirect_uris, 'grants', grants, 'scopes', scopes, 'roles', roles)
    from oauth_clients where tenant_id = ${ctx.tenantId}::uuid and id = ${clientId.slice(0, 100)}
    and revoked_at is null)`;

/** The client of a row, or one of our own; undefined when there is none. */
export const clientOf = (clientId: string, row: unknown): Client | undefined =>
  (row as Client | null) ?? BUILT_IN.find(({ id }) => id === clientId);

/**
 * Reads the client and checks its secret and that it may use the grant; one round trip, none for a
 * client of our own.
 */
export async function authenticateClient(
  ctx: IdentityContext,
  shown: Shown,
  grant?: GrantType,
): Promise<Client> {
  const builtIn = clientOf(shown.clientId, null);
  const row = builtIn
    ? undefined
    : (await ctx.db.read(sql`select ${clientRow(ctx, shown.clientId)}`)).rows[0]![0];
  const client = builtIn ?? clientOf(shown.clientId, row);
  const hash = shown.secret === undefined ? "" : await hashSecret(shown.secret);
  const isRight =
    client &&
    (client.secretHash === null ? shown.secret === undefined : equalInConstantTime(client.secretHash, hash));
  if (!client || !isRight)
    throw oauthError("invalid_client", "The client is unknown, or its secret is wrong.");
  if (grant !== undefined && !client.grants.includes(grant))
    throw oauthError("unauthorized_client", `This client may not use the grant ${grant}.`);
  return client;
}

/**
 * The requested scopes, if the client may have all of them; by default those of the API. Throws
 * `invalid_scope`.
 */
export function readScopes(client: Client, asked: string | undefined): string[] {
  const wanted = asked?.split(" ").filter((scope) => scope !== "") ?? [];
  const refused = wanted.find((scope) => !client.scopes.includes(scope));
  if (refused !== undefined)
    throw oauthError(
      "invalid_scope",
      `This client may not have the scope "${refused.slice(0, 50)}": ${client.scopes.join(" ")}.`,
    );
  const scopes = wanted.length > 0 ? [...new Set(wanted)] : ofApi(client.scopes);
  if (!asksSomething(scopes)) throw oauthError("invalid_scope", "Request read, write, admin or openid.");
  return scopes;
}

function decode(basic: string): string {
  try {
    return atob(basic);
  } catch {
    throw oauthError("invalid_client", "The Authorization header is not Basic.");
  }
}

function unform(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw oauthError("invalid_client", "The Authorization header is not Basic.");
  }
}
