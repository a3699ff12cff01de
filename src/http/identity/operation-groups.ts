import type { IdentityContext } from "../../core/identity-context.ts";
import type { Operation, OperationGroup } from "../../core/operation.ts";
import { domainOperations, memberOperations } from "../../domain/members/operations.ts";
import * as members from "../../domain/members/verbs.ts";
import { oauthOperations } from "../../domain/oauth/operations.ts";
import * as oauth from "../../domain/oauth/verbs.ts";
import { ssoOperations } from "../../domain/sso/operations.ts";
import * as sso from "../../domain/sso/verbs.ts";

/** What IDENTITY offers, slice by slice, with what carries it out. */
export const IDENTITY_GROUPS: readonly OperationGroup<Operation<IdentityContext>>[] = [
  memberOperations(() => members),
  domainOperations(() => members),
  oauthOperations(() => oauth),
  ssoOperations(() => sso),
];
