import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../core/operation.ts";
import { describeMe, explainAccess } from "./explain.ts";
import { createPolicy, deletePolicy, getPolicy, listPolicies, updatePolicy } from "./policies.ts";
import { createRole, deleteRole, getRole, listRoles, updateRole } from "./roles.ts";
import {
  ExplainQuery,
  Explanation,
  Me,
  NewPolicy,
  NewRole,
  Policy,
  PolicyChange,
  Role,
  RoleChange,
} from "./schemas.ts";

const operation = declares<Context>("access/bad-query");

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
export const policyOperations: OperationGroup<Operation<Context>> = {
  tag: "Roles and policies",
  description:
    "What tokens and people may do within their scopes. A role stacks policies, a policy holds grants, and a refusal beats every permission.",
  schemas: { Policy, NewPolicy, PolicyChange, Role, NewRole, RoleChange, Explanation, Me },
  operations: [
    operation({
      method: "post",
      path: "/policies",
      operationId: "createPolicy",
      summary: "Create a policy",
      description:
        "Types, fields, locales and conditions are checked by the content types of the environment. In force everywhere within ten seconds.",
      permission: "access:write",
      body: NewPolicy,
      invalid: ["access/invalid-policy", "The policy is not valid."],
      answer: Policy,
      statuses: [201],
      changesSnapshot: true,
      errors: { 402: ["access/too-many"], 409: ["access/policy-name-taken", "access/policy-id-taken"] },
      example: { request: { id: policyId, name: "Own posts", grants }, response: policy },
      run: (ctx, { body }) => createPolicy(ctx, body),
    }),
    operation({
      method: "get",
      path: "/policies",
      operationId: "listPolicies",
      summary: "List policies",
      description: "By their names.",
      permission: "access:read",
      answer: z.array(Policy),
      example: { response: [policy] },
      run: (ctx) => listPolicies(ctx),
    }),
    operation({
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
      run: (ctx, { params }) => getPolicy(ctx, params),
    }),
    operation({
      method: "patch",
      path: "/policies/{id}",
      operationId: "updatePolicy",
      summary: "Change a policy",
      description:
        "What is not given stays; `grants` replaces all of them. In force everywhere within ten seconds.",
      permission: "access:write",
      params: ofPolicy,
      body: PolicyChange,
      invalid: ["access/invalid-policy", "The policy is not valid."],
      answer: Policy,
      changesSnapshot: true,
      errors: {
        404: ["access/no-such-policy"],
        409: ["access/policy-name-taken", "access/own-role"],
      },
      example: {
        params: { id: policyId },
        request: { description: "For people who blog." },
        response: { ...policy, description: "For people who blog." },
      },
      run: (ctx, { params: { id }, body }) => updatePolicy(ctx, { id, change: body }),
    }),
    operation({
      method: "post",
      path: "/roles",
      operationId: "createRole",
      summary: "Create a role",
      description: "Its name is what tokens (`role`) and JWTs (`roles`) call it.",
      permission: "access:write",
      body: NewRole,
      invalid: ["access/invalid-role", "The role is not valid."],
      answer: Role,
      statuses: [201],
      changesSnapshot: true,
      errors: {
        402: ["access/too-many"],
        409: ["access/role-name-taken"],
      },
      example: {
        request: { name: "blogger", description: "Writes posts.", policies: [policyId] },
        response: role,
      },
      run: (ctx, { body }) => createRole(ctx, body),
    }),
    operation({
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
      run: (ctx) => listRoles(ctx),
    }),
    operation({
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
      run: (ctx, { params }) => getRole(ctx, params),
    }),
    operation({
      method: "patch",
      path: "/roles/{id}",
      operationId: "updateRole",
      summary: "Change a role",
      description: "`policies` replaces all of them. In force everywhere within ten seconds; the name stays.",
      permission: "access:write",
      params: ofRole,
      body: RoleChange,
      invalid: ["access/invalid-role", "The role is not valid."],
      answer: Role,
      changesSnapshot: true,
      errors: {
        404: ["access/no-such-role"],
        409: ["access/own-role", "access/built-in-role"],
      },
      example: {
        params: { id: "blogger" },
        request: { description: "Writes posts of their own." },
        response: { ...role, description: "Writes posts of their own." },
      },
      run: (ctx, { params: { id }, body }) => updateRole(ctx, { id, change: body }),
    }),
    operation({
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
      run: (ctx) => describeMe(ctx),
    }),
    operation({
      method: "get",
      path: "/access/explain",
      operationId: "explainAccess",
      summary: "Explain a decision",
      description:
        "Whether somebody may do something, which grant decides it, and why the others do not. About others than yourself it needs `access:read`.",
      permission: "any",
      query: ExplainQuery,
      answer: Explanation,
      errors: {
        404: ["access/no-such-subject", "content/not-found", "content/unknown-type"],
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
      run: (ctx, { query }) => explainAccess(ctx, query),
    }),
    operation({
      method: "delete",
      path: "/policies/{id}",
      operationId: "deletePolicy",
      summary: "Delete a policy",
      description: "Refused while a role has it.",
      permission: "access:write",
      params: ofPolicy,
      statuses: [204],
      changesSnapshot: true,
      errors: { 404: ["access/no-such-policy"], 409: ["access/policy-in-use"] },
      example: { params: { id: policyId } },
      run: (ctx, { params }) => deletePolicy(ctx, params),
    }),
    operation({
      method: "delete",
      path: "/roles/{id}",
      operationId: "deleteRole",
      summary: "Delete a role",
      description: "Refused while a token has it. JWTs that name it are granted nothing by it any more.",
      permission: "access:write",
      params: ofRole,
      statuses: [204],
      changesSnapshot: true,
      errors: {
        404: ["access/no-such-role"],
        409: ["access/role-in-use", "access/own-role", "access/built-in-role"],
      },
      example: { params: { id: "blogger" } },
      run: (ctx, { params }) => deleteRole(ctx, params),
    }),
  ],
};
