import { sql } from "drizzle-orm";
import type { Actor, Context } from "../../../core/context.ts";
import { invalid, notFound } from "../../../core/errors.ts";
import {
  BUILT_IN_ROLES,
  coversAction,
  customGrants,
  grantsIn,
  grantsOf,
  grantsPermit,
  isUnlimited,
  seesEverything,
  type CustomRole,
  type Grant,
} from "../../../core/grants.ts";
import { didYouMean } from "../../../core/nearest.ts";
import {
  PERMISSIONS,
  requirePermission,
  scopesGrant,
  type Permission,
  type Scope,
} from "../../../core/permissions.ts";
import { editorialEntry } from "../entries/index.ts";
import {
  notGranted,
  buildAccess,
  conditionOf,
  covers,
  decide,
  fieldsNow,
  grantedIf,
  holds,
  isAlways,
  isNever,
  type ContentAction,
  type Subject,
} from "../grants/index.ts";
import { policiesOfRole, rolesOf } from "../../tenant/tenants/index.ts";
import { schemaOf, typeOf, type CompiledType, type EnvironmentSchema } from "../types/index.ts";
import type { ExplainQuery, Explanation, GrantName, Me } from "./schemas.ts";

/** Says whether somebody may do something, and which grant decides it. */
export async function explainAccess(ctx: Context, input: ExplainQuery): Promise<Explanation> {
  if (input.subject !== "me") requirePermission(ctx, "access:read");
  const permission = PERMISSIONS.find((one) => one === input.action);
  if (!permission)
    throw invalid("access/bad-query", `There is no action "${input.action}".`, [
      { path: "action", message: `is not a permission.${didYouMean(input.action, PERMISSIONS)}` },
    ]);
  // A decision for others can reveal values that the caller may not read.
  if (input.resource?.startsWith("entry:") && input.subject !== "me" && !seesEverything(ctx.actor.grants))
    throw notGranted("content:read-draft", "every entry, which is needed to explain decisions for others");
  const schema = await schemaOf(ctx);
  const [actor, found] = await Promise.all([
    subjectOf(ctx, input.subject),
    resourceOf(ctx, schema, input.resource),
  ]);
  const asked = { permission, ...found, field: input.field, locale: input.locale ?? null };
  const answer = decideFor(schema, actor, asked);
  return { subject: input.subject, action: permission, resource: input.resource ?? null, ...answer };
}

type AccessQuery = {
  permission: Permission;
  type: CompiledType | undefined;
  entry: Subject | undefined;
  field: string | undefined;
  locale: string | null;
};
type Answer = Omit<Explanation, "subject" | "action" | "resource">;

function decideFor(schema: EnvironmentSchema, actor: Actor, asked: AccessQuery): Answer {
  const { permission, type, entry, field, locale } = asked;
  const grants = actor.grants ?? [];
  const considered = grants.map((grant) => ({ ...nameOf(grant), ...reasonOf(grant, actor, asked) }));
  const base = { is_conditional: false, considered };
  if (!scopesGrant(actor.scopes, permission) || actor.grants === undefined)
    return {
      ...base,
      allowed: scopesGrant(actor.scopes, permission),
      decided_by: { by: "scope", scopes: [...actor.scopes] },
    };
  const named = (grant: Grant | undefined): Answer["decided_by"] =>
    grant ? { by: "grant", ...nameOf(grant) } : { by: "default" };
  if (!type || !permission.startsWith("content:")) {
    const allowed = grantsPermit(grants, permission);
    const effect = allowed ? "allow" : "deny";
    const decisive = considered.findIndex((one) => one.applies && one.effect === effect);
    return { ...base, allowed, decided_by: named(grants[decisive]) };
  }
  const access = buildAccess(schema, actor);
  const action = permission as ContentAction;
  if (entry) {
    const { isGranted, rule } = decide(access, type, action, { entry, locale, ...(field ? { field } : {}) });
    return { ...base, allowed: isGranted, decided_by: named(rule?.conditions?.grant) };
  }
  const condition = grantedIf(access, type, action, {
    fields: field ? [field] : undefined,
    locales: [locale],
  });
  const decisive = considered.findIndex(
    (one) => one.applies && one.effect === (isNever(condition) ? "deny" : "allow"),
  );
  return {
    ...base,
    allowed: !isNever(condition),
    is_conditional: !isNever(condition) && !isAlways(condition),
    decided_by: named(grants[decisive]),
  };
}

const nameOf = ({ id, policy, role, effect }: Grant): GrantName => ({
  grant: id,
  policy: policy ?? null,
  role: role ?? null,
  effect,
});

function reasonOf(grant: Grant, actor: Actor, asked: AccessQuery): { applies: boolean; because: string } {
  const { permission, type, entry, field, locale } = asked;
  const no = (because: string) => ({ applies: false, because });
  if (!coversAction(grant.actions, permission)) return no(`It applies to ${grant.actions.join(", ")}.`);
  if (!permission.startsWith("content:") || !type)
    return isUnlimited(grant) || permission.startsWith("content:")
      ? { applies: true, because: "It covers the action." }
      : no("It applies to content only.");
  if (grant.types && !grant.types.includes(type.id)) return no(`It applies to ${grant.types.join(", ")}.`);
  if (grant.except_types?.includes(type.id))
    return no(`It applies to all types but ${grant.except_types.join(", ")}.`);
  const names = grant.fields && fieldsNow(type, grant.fields);
  if (grant.fields && !(field ? names!.some((name) => covers(name, field)) : grant.effect === "allow"))
    return no(`It applies to the fields ${grant.fields.join(", ")}.`);
  if (grant.locales && !(locale === null ? grant.effect === "deny" : grant.locales.includes(locale)))
    return no(`It applies to the locales ${grant.locales.join(", ")}.`);
  if (!grant.conditions) return { applies: true, because: "It covers the action." };
  const condition = conditionOf(type, grant.conditions, actor);
  if (!condition)
    return {
      applies: grant.effect === "deny",
      because: "Its conditions cannot be evaluated for this type and subject.",
    };
  if (!entry) return { applies: !isNever(condition), because: "It depends on the entry." };
  return holds(condition, entry)
    ? { applies: true, because: "Its conditions are met." }
    : no("Its conditions are not met.");
}

async function resourceOf(
  ctx: Context,
  schema: EnvironmentSchema,
  resource: string | undefined,
): Promise<{ type: CompiledType | undefined; entry: Subject | undefined }> {
  if (resource === undefined) return { type: undefined, entry: undefined };
  const [kind, id] = resource.split(/:(.*)/s) as [string, string | undefined];
  if (kind === "type" && id) return { type: typeOf(schema, id), entry: undefined };
  if (kind === "entry" && id) {
    const found = await editorialEntry(ctx, schema, id);
    if (!found) throw notFound("content/not-found", `There is no entry "${id.slice(0, 100)}".`);
    return found;
  }
  throw invalid("access/bad-query", "The resource is not valid.", [
    { path: "resource", message: "must be entry:cnt_… or type:article" },
  ]);
}

/** Who it is about, with the grants that are in force in the environment. */
async function subjectOf(ctx: Context, subject: string): Promise<Actor> {
  if (subject === "me") return ctx.actor;
  const [kind, id] = subject.split(/:(.*)/s) as [string, string | undefined];
  if (!id || (kind !== "token" && kind !== "role" && kind !== "user"))
    throw invalid("access/bad-query", "The subject is not valid.", [
      { path: "subject", message: "must be me, user:usr_…, token:tok_… or role:editor" },
    ]);
  const tenant = sql`tenant_id = ${ctx.tenantId}::uuid`;
  const { rows } = await ctx.db.read(sql`select
    (select jsonb_build_object('scopes', scopes, 'role', role, 'content_types', content_types,
      'environment', environment_id) from api_tokens where ${tenant} and id = ${id} and revoked_at is null),
    (select ${rolesOf(sql`member`)} from members member where member.tenant_id = ${ctx.tenantId}::uuid
      and member.person_id = ${id} and member.suspended_at is null),
    (select coalesce(jsonb_agg(jsonb_build_object('name', role.name, 'policies',
      ${policiesOfRole(ctx.tenantId)})), '[]') from roles role where role.tenant_id = ${ctx.tenantId}::uuid),
    (select coalesce(jsonb_object_agg(policy.id, policy.grants), '{}') from policies policy
      where policy.tenant_id = ${ctx.tenantId}::uuid),
    (select jsonb_agg(name) from (select name from environments where ${tenant}
      and id = ${ctx.environmentId}::uuid
      union all select name from environment_aliases where ${tenant}
      and environment_id = ${ctx.environmentId}::uuid) names)`);
  const [token, ofMember, custom, policies, names] = rows[0] as [
    TokenRow | null,
    string[] | null,
    CustomRole[],
    Record<string, Grant[]>,
    string[] | null,
  ];
  const isRole = Object.hasOwn(BUILT_IN_ROLES, id) || custom.some(({ name }) => name === id);
  const found = { token, user: ofMember, role: isRole ? [id] : null }[kind];
  if (found === null) throw notFound("access/no-such-subject", `There is no ${kind} "${id.slice(0, 64)}".`);
  const ofToken = kind === "token" ? token : null;
  const roles = ofToken ? (ofToken.role === null ? undefined : [ofToken.role]) : (found as string[]);
  const lookUp = (role: string) => customGrants(custom, policies, role);
  const all = grantsOf(roles, lookUp, ofToken?.content_types ?? null);
  const isElsewhere = ofToken?.environment != null && ofToken.environment !== ctx.environmentId;
  const grants = isElsewhere ? [] : grantsIn(all, (one) => names?.includes(one) ?? false);
  return {
    kind: kind === "user" ? "person" : "token",
    id,
    scopes: ofToken?.scopes ?? ["admin"],
    ...(roles ? { roles } : {}),
    ...(grants ? { grants } : {}),
  };
}

type TokenRow = {
  scopes: Scope[];
  role: string | null;
  content_types: string[] | null;
  environment: string | null;
};

/** The subject and all of its permissions. */
export function describeMe(ctx: Context): Me {
  const { kind, id, scopes, roles, grants, attributes } = ctx.actor;
  const permissions = PERMISSIONS.filter(
    (one) => scopesGrant(scopes, one) && (grants === undefined || grantsPermit(grants, one)),
  );
  return {
    kind,
    id,
    scopes: [...scopes],
    roles: roles ? [...roles] : null,
    permissions,
    is_narrowed: grants !== undefined,
    grants: grants ? [...grants] : null,
    attributes: attributes ?? {},
    is_bound: ctx.actor.boundTo !== undefined,
  };
}
