import { expect } from "vitest";
import type { Tenant } from "./tenant.ts";

const MODERN = "application/graphql-response+json";
type Answer = { data?: any; errors?: { message: string; path?: unknown[]; extensions: any }[] };
type Options = { token?: string; headers?: Record<string, string> };

/** Runs a document of management; answers the reply with its data and errors. */
export const run = async (on: Tenant, query: string, variables?: object, options: Options = {}) => {
  const reply = await on.post(
    "/graphql/management",
    { query, ...(variables ? { variables } : {}) },
    { ...options, headers: { accept: MODERN, ...options.headers } },
  );
  return { ...(reply.body as Answer), ...reply };
};
export const ok = async (on: Tenant, query: string, variables?: object, options?: Options): Promise<any> => {
  const { status, text, data, errors } = await run(on, query, variables, options);
  expect([status, errors], text).toEqual([200, undefined]);
  return data;
};
/** The code, reason and paths of the first error. */
export const refusal = async (on: Tenant, query: string, variables?: object, options?: Options) => {
  const { errors } = await run(on, query, variables, options);
  const { code, reason, details } = errors![0]!.extensions;
  return { code, reason, paths: details.map(({ path }: { path: string }) => path) };
};
