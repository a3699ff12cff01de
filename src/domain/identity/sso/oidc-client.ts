import { keepNewest } from "../../../core/keep-newest.ts";
import * as oidc from "openid-client";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { SECRET } from "./connections.ts";
import type { OidcConfig } from "./schemas.ts";
import type { Connection } from "./sign-in-attempts.ts";

const KEPT_MS = 600_000;
const MAX_KEPT = 100;
/** Discovery documents and keys, with the client made of them; a changed connection has another key. */
const kept = new Map<string, { config: oidc.Configuration; until: number }>();

/**
 * The connection as openid-client takes it: every call goes through the port for addresses that
 * tenants gave.
 */
export async function oidcClient(
  ctx: IdentityContext,
  connection: Connection<OidcConfig>,
): Promise<oidc.Configuration> {
  const key = `${ctx.tenantId}|${connection.id}|${connection.updatedAt}`;
  const now = ctx.now().getTime();
  const known = kept.get(key);
  if (known && known.until > now) return known.config;
  const { issuer, client_id: clientId } = connection.config;
  const { outside } = ctx;
  const config = await asRefusal(async () =>
    oidc.discovery(new URL(issuer), clientId, undefined, await clientAuth(ctx, connection), {
      [oidc.customFetch]: (url, options) => outside.fetch(url, options as RequestInit),
      execute: [oidc.enableNonRepudiationChecks, ...(outside.isLocal ? [oidc.allowInsecureRequests] : [])],
    }),
  );
  keepNewest(kept, key, { config, until: now + KEPT_MS }, MAX_KEPT);
  return config;
}

/** Runs a call of openid-client; what the provider did wrong becomes UNAUTHENTICATED `sso/oidc-answer`. */
export async function asRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const inner = (error as { cause?: unknown }).cause;
    const known = [error, inner].find((one) => one instanceof AppError);
    if (known) throw known;
    throw new AppError(
      "UNAUTHENTICATED",
      "sso/oidc-answer",
      `The identity provider did not sign the person in: ${wordsOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function wordsOf(error: unknown): string {
  const { error: word, code, message } = error as { error?: unknown; code?: unknown; message?: unknown };
  const said = [word, code].filter((one) => typeof one === "string").join(", ");
  return `${said === "" ? String(message) : said}`.slice(0, 200);
}

async function clientAuth(ctx: IdentityContext, { id, sealedSecret }: Connection): Promise<oidc.ClientAuth> {
  if (sealedSecret === null) return oidc.None();
  const secret = await ctx.vault.open(ctx.tenantId, `${SECRET}:${id}`, sealedSecret);
  const [post, basic] = [oidc.ClientSecretPost(secret), oidc.ClientSecretBasic(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported as string[] | undefined;
    return (methods?.includes("client_secret_post") ? post : basic)(server, ...rest);
  };
}
