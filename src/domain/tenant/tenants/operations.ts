import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { deleteAlias, listAliases, putAlias } from "./aliases.ts";
import { createEnvironment, deleteEnvironment } from "./clone-environment.ts";
import { listEnvironments, updateEnvironment } from "./environments.ts";
import {
  Alias,
  AliasTarget,
  Environment,
  EnvironmentChange,
  NewEnvironment,
  Tenant,
  TenantChange,
} from "./schemas.ts";
import { getTenant, updateTenant } from "./tenant-settings.ts";

const operation = declares<Context>("environments/invalid");

const name = z.string().describe("The environment's name.");
const alias = z.string().describe("The alias: lower-case letters, digits, `-` and `_`.");

const example = {
  name: "main",
  is_default: true,
  default_locale: "en",
  locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
  schema_version: 2,
  created_at: "2026-01-31T09:30:00.000Z",
  graphql: { introspection: true, registered_only: false },
};

export const environmentOperations: OperationGroup<Operation<Context>> = {
  tag: "Environments",
  description:
    "An environment has its own types, entries, assets and locales. The header `X-Flow-Environment` (or `?environment=`) selects one; without it the tenant's default is used.",
  schemas: { Alias, Environment, EnvironmentChange, NewEnvironment },
  operations: [
    operation({
      method: "get",
      path: "/environments",
      operationId: "listEnvironments",
      summary: "List environments",
      description: "The tenant's environments with their locales.",
      permission: "environments:read",
      answer: z.array(Environment),
      example: { response: [example] },
      sdk: { call: "environments.list" },
      run: (ctx) => listEnvironments(ctx),
    }),
    operation({
      method: "patch",
      path: "/environments/{name}",
      operationId: "updateEnvironment",
      summary: "Change an environment",
      description:
        "Replaces the locales or the default locale, makes it the default environment, or changes its GraphQL settings. A fallback must be one of the locales, and fallbacks must not be circular. Published content is updated within seconds.",
      permission: "environments:write",
      params: { name },
      body: EnvironmentChange,
      invalid: ["environments/invalid", "The environment is not valid."],
      answer: Environment,
      changesSnapshot: true,
      errors: {
        404: ["environments/not-found"],
        409: ["environments/changed"],
      },
      example: {
        params: { name: "main" },
        request: { default_locale: "en", locales: [{ code: "en" }, { code: "fr", fallback: "en" }] },
        response: example,
      },
      sdk: { call: "environments.update" },
      run: (ctx, { params: { name }, body }) => updateEnvironment(ctx, { name, change: body }),
    }),
    operation({
      method: "post",
      path: "/environments",
      operationId: "createEnvironment",
      summary: "Create or clone an environment",
      description:
        "Empty, or with `from` a clone of another environment: its locales, types, entries, versions, assets and registered operations with the same ids, as a consistent snapshot, without trash, schedules and comments. A tenant can have 50 environments.",
      permission: "environments:write",
      body: NewEnvironment,
      invalid: ["environments/invalid", "The environment is not valid."],
      answer: Environment,
      statuses: [201],
      changesSnapshot: true,
      errors: {
        402: ["environments/too-many"],
        404: ["environments/not-found"],
        409: ["environments/name-taken"],
      },
      example: {
        request: { name: "preview", from: "main" },
        response: { ...example, name: "preview", is_default: false },
      },
      sdk: { call: "environments.create" },
      run: (ctx, { body }) => createEnvironment(ctx, body),
    }),
    operation({
      method: "get",
      path: "/environments/aliases",
      operationId: "listAliases",
      summary: "List aliases",
      description: "Alternative names of environments, which `X-Flow-Environment` also accepts.",
      permission: "environments:read",
      answer: z.array(Alias),
      example: { response: [] },
      sdk: { call: "environments.aliases.list" },
      run: (ctx) => listAliases(ctx),
    }),
    operation({
      method: "put",
      path: "/environments/aliases/{name}",
      operationId: "putAlias",
      summary: "Point an alias to an environment",
      description:
        "Switches all readers at once: use it to put a new environment live, and to roll back. An alias cannot have the name of an environment.",
      permission: "environments:write",
      params: { name: alias },
      body: AliasTarget,
      invalid: ["environments/invalid", "The alias is not valid."],
      answer: Alias,
      changesSnapshot: true,
      errors: {
        402: ["environments/too-many-aliases"],
        404: ["environments/not-found"],
        409: ["environments/name-taken"],
      },
      example: {
        params: { name: "live" },
        request: { environment: "preview" },
        response: { name: "live", environment: "preview" },
      },
      sdk: { call: "environments.aliases.put", body: "environment" },
      run: (ctx, { params, body }) => putAlias(ctx, { ...params, ...body }),
    }),
    operation({
      method: "delete",
      path: "/environments/{name}",
      operationId: "deleteEnvironment",
      summary: "Delete an environment",
      description:
        "With everything in it, permanently. Rejected for the default environment and for the target of an alias.",
      permission: "environments:write",
      params: { name },
      statuses: [204],
      changesSnapshot: true,
      errors: {
        404: ["environments/not-found"],
        409: ["environments/is-default", "environments/has-alias"],
      },
      example: { params: { name: "preview" } },
      sdk: { call: "environments.delete" },
      run: (ctx, { params }) => deleteEnvironment(ctx, params),
    }),
    operation({
      method: "delete",
      path: "/environments/aliases/{name}",
      operationId: "deleteAlias",
      summary: "Delete an alias",
      description: "The environment is not deleted.",
      permission: "environments:write",
      params: { name: alias },
      statuses: [204],
      changesSnapshot: true,
      errors: { 404: ["environments/no-such-alias"] },
      example: { params: { name: "live" } },
      sdk: { call: "environments.aliases.delete" },
      run: (ctx, { params }) => deleteAlias(ctx, params),
    }),
  ],
};

const tenant = {
  id: "0b5c6f3e-7a0f-4c9d-9a7e-1c2d3e4f5a6b",
  slug: "acme",
  name: "Acme Inc.",
  status: "active",
  ip_ranges: [],
  sign_in: { sso: false, second_factor: false },
  language: "en",
  plan: "self_hosted",
  quotas: { writes: 600_000, costly_reads: 120_000 },
  created_at: "2026-01-31T09:30:00.000Z",
};

export const tenantOperations: OperationGroup<Operation<Context>> = {
  tag: "Tenant",
  description: "The tenant of the token.",
  schemas: { Tenant, TenantChange },
  operations: [
    operation({
      method: "get",
      path: "/tenant",
      operationId: "getTenant",
      summary: "Get the tenant",
      description: "Its name, status, plan and the IP ranges that its tokens may be used from.",
      permission: "tenant:read",
      answer: Tenant,
      example: { response: tenant },
      sdk: { call: "tenant.get" },
      run: (ctx) => getTenant(ctx),
    }),
    operation({
      method: "patch",
      path: "/tenant",
      operationId: "updateTenant",
      summary: "Change the tenant",
      description:
        "`ip_ranges` are CIDR ranges, IPv4 and IPv6. They take effect everywhere within ten seconds. Ranges without your own address are rejected. `sign_in` is checked when a token is issued or refreshed; when it requires more than before, people need new tokens at once; `sso` needs an enabled connection with a verified domain.",
      permission: "tenant:write",
      body: TenantChange,
      invalid: ["access/invalid-tenant", "The settings are not valid."],
      answer: Tenant,
      changesSnapshot: true,
      errors: { 422: ["access/would-lock-out", "tenants/no-connection"] },
      example: { request: { ip_ranges: [] }, response: tenant },
      sdk: { call: "tenant.update" },
      run: (ctx, { body }) => updateTenant(ctx, body),
    }),
  ],
};
