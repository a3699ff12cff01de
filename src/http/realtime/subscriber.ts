import type { EdgeContext } from "../../core/context.ts";
import { AppError } from "../../core/errors.ts";
import { newRequestId } from "../../core/ids.ts";
import type { Origin, SignInAnswer, Subscriber } from "../../core/live.ts";
import { quotasOf } from "../../core/plans.ts";
import { hashSecret } from "../../core/tokens.ts";
import { redeemTicket } from "../../domain/reach/subscriptions/index.ts";
import { noteUse, readSnapshot } from "../../domain/tenant/tenants/index.ts";
import type { ContentEnv } from "../../platform/content-env.ts";
import { databaseClient } from "../../platform/create-context.ts";
import type { Behind, SnapshotSource } from "../../platform/edge/env.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import { checkAccess } from "../gateway/check-access.ts";
import { credentialAgain } from "../gateway/credential-again.ts";
import { checkCredential } from "../gateway/credentials.ts";
import { callerIn, environmentNamed, type Caller } from "../gateway/environment.ts";

/** How somebody signs in: by an Authorization header, or by a ticket. */
export type Asked = { authorization?: string | undefined; ticket?: string | undefined; from: Origin };

/** Reads snapshots of tenants from the database itself, which CONTENT is beside. */
export const snapshotsOf = (env: ContentEnv): SnapshotSource => ({
  TENANTS: {
    getByName: (tenantId) => {
      const read = async () => ({
        snapshot: (await readSnapshot(databaseClient(env), tenantId)) ?? null,
        generation: 0,
      });
      return {
        read,
        refresh: read,
        bumpGeneration: async () => {},
        touch: (tokenId, at) =>
          noteUse(databaseClient(env), tenantId, { [tokenId]: new Date(at).toISOString() }),
      };
    },
  },
});

/** Who signs in; what keeps them out is answered, what fails is thrown. */
export async function signIn(env: ContentEnv, asked: Asked, behind: Behind): Promise<SignInAnswer> {
  try {
    const source = snapshotsOf(env);
    const { authorization, ticket, from } = asked;
    if (ticket === undefined) {
      const credential = checkCredential(source, authorization ?? null, behind);
      const checked = await checkAccess(credential, Promise.resolve([...from.tenants]), from.address);
      return { subscriber: await subscriberOf(await callerIn(source, checked, from.environment), from) };
    }
    const { tenantId, identity, environment } = await redeemTicket(databaseClient(env), ticket);
    const place = { ...from, environment: from.environment ?? environment };
    const credential = await credentialAgain(source, { tenantId, identity, from: place }, behind, true);
    return { subscriber: await subscriberOf(await callerIn(source, credential, place.environment), place) };
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    const { code, reason, message } = error;
    return { refused: { code, reason, message } };
  }
}

/** The caller that a subscriber is by now; undefined when they are none any more. */
export async function callerOf(
  env: ContentEnv,
  subscriber: Subscriber,
  behind: Behind,
): Promise<{ caller: Caller; seesAs: string } | undefined> {
  try {
    const credential = await credentialAgain(snapshotsOf(env), subscriber, behind);
    const environmentId = environmentNamed(credential, subscriber.from.environment);
    if (environmentId !== subscriber.environmentId) return undefined;
    const caller = await callerIn(snapshotsOf(env), credential, subscriber.from.environment);
    return { caller, seesAs: await seesAsOf(caller) };
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return undefined;
    throw error;
  }
}

/**
 * What each of some subscribers sees by now, null for nothing; their tenants are read anew, since they
 * have changed.
 */
export async function seenAgain(
  env: ContentEnv,
  subscribers: readonly Subscriber[],
  behind: Behind,
): Promise<(string | null)[]> {
  for (const tenantId of new Set(subscribers.map((one) => one.tenantId)))
    await refreshSnapshot(snapshotsOf(env), tenantId, true);
  return Promise.all(subscribers.map(async (one) => (await callerOf(env, one, behind))?.seesAs ?? null));
}

/** The context in which a subscriber's documents are executed. */
export const contextOf = ({ credential, actor, environmentId }: Caller, from: Origin): EdgeContext => ({
  tenantId: credential.tenantId,
  environmentId,
  actor,
  requestId: newRequestId(),
  ip: from.address,
  quotas: quotasOf(credential.cached.snapshot.tenant, from.plan),
});

async function subscriberOf(caller: Caller, from: Origin): Promise<Subscriber> {
  const { credential, environmentId } = caller;
  return {
    tenantId: credential.tenantId,
    environmentId,
    from,
    identity: credential.identity,
    seesAs: await seesAsOf(caller),
    endsAt: Number.isFinite(credential.endsAt) ? credential.endsAt : null,
  };
}

/** The same for callers who are answered the same; conditions may be about who asks. */
async function seesAsOf({ credential, actor, environmentId }: Caller): Promise<string> {
  const grants = JSON.stringify(actor.grants ?? null);
  const isPersonal = grants.includes('"$me') || grants.includes('"$actor');
  const who = isPersonal ? [actor.kind, actor.id, actor.attributes] : [];
  const { tenantId } = credential;
  const facts = [tenantId, environmentId, actor.scopes.toSorted(), actor.boundTo ?? null, grants, who];
  return (await hashSecret(JSON.stringify(facts))).slice(0, 32);
}
