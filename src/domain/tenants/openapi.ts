import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { EnvironmentChange } from "./environments.ts";

const Environment = z.object({
  name: z.string().describe("What X-Flow-Environment names."),
  is_default: z.boolean(),
  default_locale: z.string(),
  locales: z.array(z.object({ code: z.string(), fallback: z.string().optional() })),
  schema_version: z.int().describe("Goes up with every change of a type or locale."),
  created_at: z.iso.datetime(),
});

const example = {
  name: "main",
  is_default: true,
  default_locale: "en",
  locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
  schema_version: 2,
  created_at: "2026-01-31T09:30:00.000Z",
};

export const environmentOperations: OperationGroup = {
  tag: "Environments",
  description:
    "An environment has its own types, entries and assets. The header `X-Flow-Environment` (or `?environment=`) chooses one; without it the tenant's default is meant.",
  schemas: { Environment, EnvironmentChange },
  operations: [
    {
      method: "get",
      path: "/environments",
      operationId: "listEnvironments",
      summary: "List environments",
      description: "The tenant's environments with their locales.",
      permission: "environments:read",
      answer: z.array(Environment),
      example: { response: [example] },
    },
    {
      method: "patch",
      path: "/environments/{name}",
      operationId: "updateEnvironment",
      summary: "Set the locales of an environment",
      description:
        "Replaces the locales or the default one. A fallback must be one of the locales, and no chain of them may run in a circle. What is published already is rendered anew within seconds.",
      permission: "environments:write",
      params: { name: z.string().describe("The environment's name.") },
      body: EnvironmentChange,
      answer: Environment,
      errors: {
        404: ["environments/not-found"],
        409: ["environments/changed"],
        422: ["environments/invalid"],
      },
      example: {
        params: { name: "main" },
        request: { default_locale: "en", locales: [{ code: "en" }, { code: "fr", fallback: "en" }] },
        response: example,
      },
    },
  ],
};
