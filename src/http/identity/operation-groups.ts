import type { IdentityContext } from "../../core/identity-context.ts";
import type { Operation, OperationGroup } from "../../core/operation.ts";
import { domainOperations, memberOperations } from "../../domain/identity/members/operations.ts";
import { oauthOperations } from "../../domain/identity/oauth/operations.ts";
import { ssoOperations } from "../../domain/identity/sso/operations.ts";

/** What IDENTITY offers, slice by slice. */
export const IDENTITY_GROUPS: readonly OperationGroup<Operation<IdentityContext>>[] = [
  memberOperations,
  domainOperations,
  oauthOperations,
  ssoOperations,
];
