import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { SCOPES } from "../../core/permissions.ts";
import { ExplainQuery } from "./explain.ts";
import { NewGrant, NewPolicy, NewRole, PolicyChange, RoleChange } from "./schemas.ts";

const By = {
  created_at: z.iso.datetime(),
  created_by: z.string(),
  updated_at: z.iso.datetime(),
  updated_by: z.string(),
};
const Grant = NewGrant.extend({ id: z.string().describe("What explanations call it.") });
const Policy = z.object({
  id: z.string().describe("`pol_…`"),
  name: z.string(),
  description: z.string().nullable(),
  grants: z.array(Grant),
  ...By,
});
const Role = z.object({
  id: z.string().nullable().describe("`rol_…`; null for a role that every tenant has."),
  name: z.string(),
  description: z.string().nullable(),
  is_built_in: z.boolean(),
  policies: z.array(z.string()).describe("Ids, in their order."),
  grants: z.array(z.unknown()).optional().describe("Of a role that every tenant has."),
  created_at: z.iso.datetime().optional(),
  updated_at: z.iso.datetime().optional(),
});
const GrantName = {
  grant: z.string(),
  policy: z.string().nullable(),
  role: z.string().nullable(),
  effect: z.enum(["allow", "deny"]),
};
const Explanation = z.object({
  subject: z.string(),
  action: z.string(),
  resource: z.string().nullable(),
  allowed: z.boolean(),
  is_conditional: z.boolean().describe("Of a type: whether it depends on the entry."),
  decided_by: z
    .object({ by: z.enum(["grant", "scope", "default"]), scopes: z.array(z.enum(SCOPES)) })
    .partial({ scopes: true })
    .extend(z.object(GrantName).partial().shape)
    .describe("The grant; `scope` when the scopes decide alone; `default` when nothing grants it."),
  considered: z
    .array(z.object({ ...GrantName, applies: z.boolean(), because: z.string() }))
    .describe("Every grant, and why it speaks of this or does not."),
});
const Me = z.object({
  kind: z.enum(["token", "person", "system"]),
  id: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  roles: z.array(z.string()).nullable().describe("Null when no role narrows the scopes."),
  permissions: z
    .array(z.string())
    .describe("What can be done at all, of content perhaps to some entries only."),
  is_narrowed: z.boolean().describe("Whether grants leave out some of what the scopes hold."),
  grants: z.array(z.unknown()).nullable().describe("The grants that are in force in this environment."),
  attributes: z.record(z.string(), z.unknown()).describe("What conditions know of you as `$actor.…`."),
  is_bound: z.boolean().describe("Whether it works in one environment only."),
});

const at = "2026-01-31T09:30:00.000Z";
const by = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const policyId = "pol_01jd3f0b6vfs8t4z9c7q2m5n8x";
const roleId = "rol_01jd3f0b6vfs8t4z9c7q2m5n8x";
const grants = [
  {
    id: "own-posts",
    effect: "allow" as const,
    actions: ["content:write", "content:publish"],
    types: ["blog_post"],
    conditions: { created_by: "$me" },
  },
];
const policy = {
  id: policyId,
  name: "Own posts",
  description: null,
  grants,
  created_at: at,
  created_by: by,
  updated_at: at,
  updated_by: by,
};
const role = {
  id: roleId,
  name: "blogger",
  description: "Writes posts.",
  is_built_in: false,
  policies: [policyId],
  created_at: at,
  updated_at: at,
};
const ofPolicy = { id: z.string().describe("`pol_…`") };
const ofRole = { id: z.string().describe("`rol_…`, or the name.") };
const policyErrors = {
  402: ["access/too-many"],
  422: ["access/invalid-policy"],
} as const;

export const policyOperations: OperationGroup = {
  tag: "Roles and policies",
  description:
    "What tokens and people may do within their scopes. A role stacks policies, a policy holds grants, and a refusal beats every permission.",
  schemas: { Policy, NewPolicy, PolicyChange, Role, NewRole, RoleChange, Explanation, Me },
  operations: [
    {
      method: "post",
      path: "/policies",
      operationId: "createPolicy",
      summary: "Create a policy",
      description:
        "Types, fields, locales and conditions are checked by the content types of the environment. In force everywhere within ten seconds.",
      permission: "access:write",
      body: NewPolicy,
      answer: Policy,
      statuses: [201],
      errors: { ...policyErrors, 409: ["access/policy-name-taken", "access/policy-id-taken"] },
      example: { request: { id: policyId, name: "Own posts", grants }, response: policy },
    },
    {
      method: "get",
      path: "/policies",
      operationId: "listPolicies",
      summary: "List policies",
      description: "By their names.",
      permission: "access:read",
      answer: z.array(Policy),
      example: { response: [policy] },
    },
    {
      method: "get",
      path: "/policies/{id}",
      operationId: "getPolicy",
      summary: "Get a policy",
      description: "With its grants.",
      permission: "access:read",
      params: ofPolicy,
      answer: Policy,
      errors: { 404: ["access/no-such-policy"] },
      example: { params: { id: policyId }, response: policy },
    },
    {
      method: "patch",
      path: "/policies/{id}",
      operationId: "updatePolicy",
      summary: "Change a policy",
      description:
        "What is not given stays; `grants` replaces all of them. In force everywhere within ten seconds.",
      permission: "access:write",
      params: ofPolicy,
      body: PolicyChange,
      answer: Policy,
      errors: {
        404: ["access/no-such-policy"],
        409: ["access/policy-name-taken", "access/own-role"],
        422: ["access/invalid-policy"],
      },
      example: {
        params: { id: policyId },
        request: { description: "For people who blog." },
        response: { ...policy, description: "For people who blog." },
      },
    },
    {
      method: "post",
      path: "/roles",
      operationId: "createRole",
      summary: "Create a role",
      description: "Its name is what tokens (`role`) and JWTs (`roles`) call it.",
      permission: "access:write",
      body: NewRole,
      answer: Role,
      statuses: [201],
      errors: {
        402: ["access/too-many"],
        409: ["access/role-name-taken"],
        422: ["access/invalid-role"],
      },
      example: {
        request: { name: "blogger", description: "Writes posts.", policies: [policyId] },
        response: role,
      },
    },
    {
      method: "get",
      path: "/roles",
      operationId: "listRoles",
      summary: "List roles",
      description: "Those that every tenant has, then the tenant's own.",
      permission: "access:read",
      answer: z.array(Role),
      example: {
        response: [
          {
            id: null,
            name: "owner",
            description: "Everything.",
            is_built_in: true,
            policies: [],
            grants: [{ id: "everything", effect: "allow", actions: ["*"] }],
          },
        ],
      },
    },
    {
      method: "get",
      path: "/roles/{id}",
      operationId: "getRole",
      summary: "Get a role",
      description: "By its id or its name.",
      permission: "access:read",
      params: ofRole,
      answer: Role,
      errors: { 404: ["access/no-such-role"] },
      example: { params: { id: "blogger" }, response: role },
    },
    {
      method: "patch",
      path: "/roles/{id}",
      operationId: "updateRole",
      summary: "Change a role",
      description: "`policies` replaces all of them. In force everywhere within ten seconds; the name stays.",
      permission: "access:write",
      params: ofRole,
      body: RoleChange,
      answer: Role,
      errors: {
        404: ["access/no-such-role"],
        409: ["access/own-role", "access/built-in-role"],
        422: ["access/invalid-role"],
      },
      example: {
        params: { id: "blogger" },
        request: { description: "Writes posts of their own." },
        response: { ...role, description: "Writes posts of their own." },
      },
    },
    {
      method: "get",
      path: "/access/me",
      operationId: "describeMe",
      summary: "Who am I",
      description: "Whose token this is, and what it may do: for user interfaces. Needs no permission.",
      permission: "any",
      answer: Me,
      example: {
        response: {
          kind: "token",
          id: "tok_01jd3f0b6vfs8t4z9c7q2m5n8z",
          scopes: ["read"],
          roles: null,
          permissions: ["content:read", "types:read", "assets:read", "environments:read"],
          is_narrowed: false,
          grants: null,
          attributes: {},
          is_bound: false,
        },
      },
    },
    {
      method: "get",
      path: "/access/explain",
      operationId: "explainAccess",
      summary: "Explain a decision",
      description:
        "Whether somebody may do something, which grant decides it, and why the others do not. About others than yourself it needs `access:read`.",
      permission: "any",
      query: ExplainQuery.omit({ environment: true }),
      answer: Explanation,
      errors: {
        404: ["access/no-such-subject", "content/not-found", "content/unknown-type"],
        422: ["access/bad-query"],
      },
      example: {
        query: { subject: "role:blogger", action: "content:publish", resource: "type:blog_post" },
        response: {
          subject: "role:blogger",
          action: "content:publish",
          resource: "type:blog_post",
          allowed: true,
          is_conditional: true,
          decided_by: { by: "grant", grant: "own-posts", policy: policyId, role: "blogger", effect: "allow" },
          considered: [
            {
              grant: "own-posts",
              policy: policyId,
              role: "blogger",
              effect: "allow",
              applies: true,
              because: "It depends on the entry.",
            },
          ],
        },
      },
    },
    {
      method: "delete",
      path: "/policies/{id}",
      operationId: "deletePolicy",
      summary: "Delete a policy",
      description: "Refused while a role has it.",
      permission: "access:write",
      params: ofPolicy,
      statuses: [204],
      errors: { 404: ["access/no-such-policy"], 409: ["access/policy-in-use"] },
      example: { params: { id: policyId } },
    },
    {
      method: "delete",
      path: "/roles/{id}",
      operationId: "deleteRole",
      summary: "Delete a role",
      description: "Refused while a token has it. JWTs that name it are granted nothing by it any more.",
      permission: "access:write",
      params: ofRole,
      statuses: [204],
      errors: {
        404: ["access/no-such-role"],
        409: ["access/role-in-use", "access/own-role", "access/built-in-role"],
      },
      example: { params: { id: "blogger" } },
    },
  ],
};
