import type { Actor } from "../../core/context.ts";
import type { Identity } from "../../core/live.ts";
import { grantsOf } from "../../core/grants.ts";
import type { Scope } from "../../core/permissions.ts";
import { nextCheck, type CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { ipMatcher, type IpMatcher } from "../../platform/ip-ranges.ts";
import { customIn, sharesAnswers } from "./granted.ts";

/** Who asks and what they may see; `validUntil` is when it must be checked again. */
export type Credential = {
  tenantId: string;
  actor: Actor;
  /** What it was found to be, for who looks again. */
  identity: Identity;
  /** The only environment a token is for. */
  boundEnvironmentId: string | null;
  cached: CachedSnapshot;
  validUntil: number;
  /** When it ends by itself, milliseconds since 1970. */
  endsAt: number;
  /** From where it may be used; undefined when from anywhere. */
  isFromAllowed: IpMatcher | undefined;
  /** Whether it may be given the answers that everybody shares, in every environment. */
  isShared: boolean;
};

/** What a token or a JWT says that was found to be right. */
type Facts = {
  identity: Identity;
  kind: Actor["kind"];
  id: string;
  scopes: Scope[];
  /** Undefined for everything that the scopes hold. */
  roles: string[] | undefined;
  contentTypes?: string[] | null;
  attributes?: Actor["attributes"];
  environmentId?: string | null;
  ipRanges?: string[];
  endsAt: number;
};

/** What the tenant's roles, policies and IP ranges make of it. */
export function credentialOf(
  cached: CachedSnapshot,
  {
    identity,
    kind,
    id,
    scopes,
    roles,
    contentTypes = null,
    attributes,
    environmentId = null,
    ipRanges = [],
    endsAt,
  }: Facts,
): Credential {
  const { tenant } = cached.snapshot;
  const grants = grantsOf(roles, customIn(cached.snapshot), contentTypes);
  return {
    tenantId: tenant.id,
    actor: {
      kind,
      id,
      scopes,
      ...(roles ? { roles } : {}),
      ...(grants ? { grants } : {}),
      ...(attributes ? { attributes } : {}),
      ...(environmentId === null ? {} : { boundTo: environmentId }),
    },
    identity,
    boundEnvironmentId: environmentId,
    cached,
    validUntil: Math.min(nextCheck(cached), endsAt),
    endsAt,
    isFromAllowed: allowedFrom([tenant.ip_ranges, ipRanges]),
    isShared: sharesAnswers(scopes, grants),
  };
}

/** Whether an address is in each of the lists of ranges that are not empty. */
function allowedFrom(lists: string[][]): IpMatcher | undefined {
  const matchers = lists.filter((ranges) => ranges.length > 0).map(ipMatcher);
  return matchers.length === 0 ? undefined : (address) => matchers.every((isIn) => isIn(address));
}
