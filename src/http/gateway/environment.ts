import type { Actor } from "../../core/context.ts";
import { notFound } from "../../core/errors.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import type { SnapshotSource } from "../../platform/edge/env.ts";
import type { Credential } from "./credential.ts";
import { forgetCredentials } from "./credentials.ts";
import { actorIn } from "./granted.ts";

/** The caller in the requested environment. */
export type Caller = {
  credential: Credential;
  actor: Actor;
  environmentId: string;
  environmentName: string | null;
};

/** The name or alias of the environment that a request is for; null for the usual one. */
export const environmentName = (request: Request, url: URL): string | null =>
  request.headers.get("x-flow-environment") ?? url.searchParams.get("environment");

/**
 * The id of the environment that a name means for a credential by now; undefined when there is none,
 * or not for it.
 */
export function environmentNamed(
  { boundEnvironmentId, cached }: Credential,
  name: string | null,
): string | undefined {
  const { environments } = cached.snapshot;
  if (name === null)
    return environments.find(({ id, is_default: isDefault }) =>
      boundEnvironmentId ? id === boundEnvironmentId : isDefault,
    )?.id;
  const found = environments.find((one) => one.name === name)?.id;
  return boundEnvironmentId && boundEnvironmentId !== found ? undefined : found;
}

/**
 * The caller in the environment of that name. An unknown name may be new: the snapshot is refreshed, as
 * rarely as for an unknown token. Throws NOT_FOUND.
 */
export async function callerIn(
  env: SnapshotSource,
  credential: Credential,
  environmentName: string | null,
): Promise<Caller> {
  const known = environmentNamed(credential, environmentName);
  if (known !== undefined) return caller(credential, known, environmentName);
  const cached = await refreshSnapshot(env, credential.tenantId);
  const renewed = cached ? { ...credential, cached } : credential;
  const environmentId = environmentNamed(renewed, environmentName);
  if (environmentId === undefined)
    throw notFound(
      "environments/not-found",
      `There is no environment "${(environmentName ?? "").slice(0, 63)}" for this token.`,
    );
  forgetCredentials(credential.tenantId);
  return caller(renewed, environmentId, environmentName);
}

const caller = (credential: Credential, environmentId: string, environmentName: string | null): Caller => ({
  credential,
  actor: actorIn(credential, environmentId),
  environmentId,
  environmentName,
});
