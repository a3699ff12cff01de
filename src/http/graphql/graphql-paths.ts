import { AppError } from "../../core/errors.ts";
import type { CompiledType, EnvironmentSchema } from "../../domain/content/types/index.ts";
import { graphqlFilterPath } from "./input-types.ts";
import { camelCase } from "./names.ts";

/** Resolves a root field of a type; paths in errors have the GraphQL names. */
export async function withGraphQLPaths<T>(
  schema: EnvironmentSchema,
  type: CompiledType,
  work: () => Promise<T>,
): Promise<T> {
  return renamingPaths(work, (path) =>
    path.startsWith("filter[") ? graphqlFilterPath(schema, type, path) : graphqlField(type, path),
  );
}

/** Runs `work`; renames the paths in its errors with `written`. */
export async function renamingPaths<T>(
  work: () => Promise<T>,
  written: (path: string) => string,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? renamed(error, written) : error;
  }
}

function renamed(error: AppError, written: (path: string) => string): AppError {
  const { code, reason, status, headers, cause } = error;
  let { message } = error;
  const details = error.details.map((detail) => {
    const path = written(detail.path);
    if (path !== detail.path) message = message.replaceAll(detail.path, path);
    return { ...detail, path };
  });
  return new AppError(code, reason, message, { details, status, headers, cause });
}

/** Fields are camelCase in GraphQL; inside a component, which is JSON, names are unchanged. */
export function graphqlField(type: CompiledType, path: string): string {
  const name = /^[a-z][a-z0-9_]*/.exec(path)?.[0];
  return name !== undefined && type.fields.has(name) ? camelCase(name) + path.slice(name.length) : path;
}
