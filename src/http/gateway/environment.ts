import { notFound } from "../../core/errors.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { forgetCredentials, type Credential } from "./credentials.ts";

/** The name or alias of the environment that a request is for; null for the usual one. */
export const environmentName = (request: Request, url: URL): string | null =>
  request.headers.get("x-flow-environment") ?? url.searchParams.get("environment");

/** The id of the environment that a name means for a credential by now; undefined when there is none, or not for it. */
export function environmentNamed(
  { boundEnvironmentId, copy }: Credential,
  name: string | null,
): string | undefined {
  const { environments } = copy.snapshot;
  if (name === null)
    return environments.find(({ id, is_default: isDefault }) =>
      boundEnvironmentId ? id === boundEnvironmentId : isDefault,
    )?.id;
  const found = environments.find((one) => one.name === name)?.id;
  return boundEnvironmentId && boundEnvironmentId !== found ? undefined : found;
}

/**
 * The environment that a request is for. A name that is not known may be new: the tenant's object is asked once more, as
 * seldom as for an unknown token. Throws NOT_FOUND.
 */
export async function environmentOf(
  env: GatewayBindings,
  credential: Credential,
  name: string | null,
): Promise<{ credential: Credential; environmentId: string }> {
  const known = environmentNamed(credential, name);
  if (known !== undefined) return { credential, environmentId: known };
  const copy = await refreshSnapshot(env, credential.tenantId);
  const renewed = copy ? { ...credential, copy } : credential;
  const environmentId = environmentNamed(renewed, name);
  if (environmentId === undefined)
    throw notFound(
      "environments/not-found",
      `There is no environment "${(name ?? "").slice(0, 63)}" for this token.`,
    );
  forgetCredentials(credential.tenantId);
  return { credential: renewed, environmentId };
}
