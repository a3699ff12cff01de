import { OF_TENANT, type Permission } from "./permission-names.ts";

/** What a grant speaks of: a permission, all of a kind such as `content:*`, or everything. */
export type GrantAction = Permission | `${string}:*` | "*";

/**
 * One thing that is allowed or refused. What it does not mention it does not narrow; a refusal beats
 * every permission, whatever their order. With types, locales, fields or conditions it speaks of
 * content only.
 */
export type Grant = {
  id: string;
  /** Where it comes from, so that an explanation can name it. */
  policy?: string;
  role?: string;
  effect: "allow" | "deny";
  actions: readonly string[];
  types?: readonly string[];
  /** Every type but these; of tokens that are for some content types only. */
  except_types?: readonly string[];
  locales?: readonly string[];
  environments?: readonly string[];
  /**
   * The environments it was narrowed to before it was looked at in one of them: it gives nothing
   * beyond them.
   */
  only_in?: readonly string[];
  /** What a refusal for other environments refuses there: nobody gives it on here. */
  refused_elsewhere?: readonly string[];
  fields?: readonly string[];
  /** Filters with the syntax of lists; `$me` and `$actor.…` are the caller's values. */
  conditions?: Readonly<Record<string, unknown>>;
};

/** A role that a tenant made, with the ids of its policies. */
export type CustomRole = { name: string; policies: string[] };

const READING = [
  "content:read",
  "content:read-draft",
  "releases:read",
  "types:read",
  "assets:read",
  "environments:read",
];
const OWN = { created_by: "$me" };
const allow = (id: string, actions: string[], conditions?: Grant["conditions"]): Grant => ({
  id,
  effect: "allow",
  actions,
  ...(conditions ? { conditions } : {}),
});

/** The roles that every tenant has. What a scope does not hold, no role adds. */
export const BUILT_IN_ROLES: Readonly<Record<string, { description: string; grants: readonly Grant[] }>> = {
  owner: { description: "Everything.", grants: [allow("everything", ["*"])] },
  admin: { description: "Everything.", grants: [allow("everything", ["*"])] },
  editor: {
    description: "All entries and assets.",
    grants: [allow("content", ["content:*", "releases:*", "assets:*", "types:read", "environments:read"])],
  },
  author: {
    description: "Reads everything; writes, publishes and deletes their own entries.",
    grants: [
      allow("reading", [...READING, "assets:write"]),
      allow("own", ["content:write", "content:publish", "content:delete"], OWN),
    ],
  },
  contributor: {
    description: "Reads everything; writes their own drafts, which others publish.",
    grants: [
      allow("reading", [...READING, "assets:write"]),
      allow("own-drafts", ["content:write"], { ...OWN, status: "draft" }),
    ],
  },
  viewer: { description: "Reads everything, including drafts.", grants: [allow("reading", READING)] },
};

const EVERYTHING: Grant = { id: "no-role", effect: "allow", actions: ["*"] };

/**
 * What an actor with these roles may do: undefined for everything that the scopes hold. No roles at
 * all (not even an empty list) are no limit; a role that nobody knows grants nothing.
 */
export function grantsOf(
  roles: readonly string[] | undefined,
  custom: (role: string) => readonly Grant[] | undefined,
  contentTypes: readonly string[] | null = null,
): Grant[] | undefined {
  const grants =
    roles === undefined
      ? [EVERYTHING]
      : roles.flatMap((role) =>
          ((Object.hasOwn(BUILT_IN_ROLES, role) ? BUILT_IN_ROLES[role]!.grants : custom(role)) ?? []).map(
            (grant) => ({ ...grant, role }),
          ),
        );
  const ceiling: Grant[] =
    contentTypes === null
      ? []
      : [{ id: "content-types", effect: "deny", actions: ["content:*"], except_types: contentTypes }];
  return unlessEverything([...grants, ...ceiling]);
}

/** The grants of a role that a tenant made, each with the policy that it comes from. */
export function customGrants(
  roles: readonly CustomRole[],
  policies: Readonly<Record<string, readonly Grant[]>>,
  name: string,
): Grant[] | undefined {
  return roles
    .find((role) => role.name === name)
    ?.policies.flatMap((policy) => (policies[policy] ?? []).map((grant) => ({ ...grant, policy })));
}

/**
 * What belongs to an environment: all else is the whole tenant's, and no grant for some environments
 * reaches it.
 */
const IN_ENVIRONMENT = ["content:*", "releases:*", "types:*", "assets:*", "environments:read"];

/**
 * The grants that are about an environment; `isNamed` says whether one of its names is the one in the
 * grant.
 */
export function grantsIn(
  grants: readonly Grant[] | undefined,
  isNamed: (environment: string) => boolean,
): Grant[] | undefined {
  return (
    grants &&
    unlessEverything(
      grants.flatMap((grant) => {
        if (grant.environments === undefined) return [grant];
        const { environments, ...rest } = grant;
        const isHere = environments.some(isNamed);
        if (grant.effect === "deny") {
          if (isHere) return [rest];
          // Actions on the whole tenant are rejected in every environment.
          const actions = OF_TENANT.filter((one) => coversAction(grant.actions, one));
          return [{ ...rest, actions, only_in: environments, refused_elsewhere: grant.actions }];
        }
        if (!isHere) return [];
        const actions = [
          ...IN_ENVIRONMENT.filter((one) => coversAction(grant.actions, one)),
          ...grant.actions.filter((one) => coversAction(IN_ENVIRONMENT, one)),
        ];
        return [{ ...rest, actions: [...new Set(actions)], only_in: environments }];
      }),
    )
  );
}

function unlessEverything(grants: Grant[]): Grant[] | undefined {
  const isAll = (grant: Grant) =>
    grant.actions.includes("*") && isUnlimited(grant) && grant.environments === undefined;
  return grants.some(isAll) && grants.every(({ effect }) => effect === "allow") ? undefined : grants;
}

/** Whether an action is among those of a grant. */
export function coversAction(actions: readonly string[], action: string): boolean {
  return actions.some(
    (one) => one === "*" || one === action || (one.endsWith(":*") && action.startsWith(one.slice(0, -1))),
  );
}

/** Whether a grant is about all entries, whole, in every locale. */
export const isUnlimited = (grant: Grant): boolean =>
  !grant.types && !grant.except_types && !grant.locales && !grant.fields && !grant.conditions;

/** Whether a permission is held at all, for content perhaps of some entries only. */
export function grantsPermit(grants: readonly Grant[], permission: string): boolean {
  const about = grants.filter(({ actions }) => coversAction(actions, permission));
  if (about.some((grant) => grant.effect === "deny" && isUnlimited(grant))) return false;
  const isContent = permission.startsWith("content:");
  return about.some((grant) => grant.effect === "allow" && (isContent || isUnlimited(grant)));
}

/**
 * Whether a permission is held without any limit, so that answers may be shared with everybody who
 * holds it so.
 */
export function grantsWholly(grants: readonly Grant[], permission: string): boolean {
  const about = grants.filter(
    (grant) => grant.environments === undefined && coversAction(grant.actions, permission),
  );
  const isRefused = grants.some(
    (grant) => grant.effect === "deny" && coversAction(grant.actions, permission),
  );
  return !isRefused && about.some(isUnlimited);
}

/** Whether all entries may be read completely as working copies, so that an error may name any of them. */
export const seesEverything = (grants: readonly Grant[] | undefined): boolean =>
  grants === undefined || grantsWholly(grants, "content:read-draft");
