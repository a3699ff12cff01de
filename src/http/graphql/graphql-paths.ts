import { AppError } from "../../core/errors.ts";
import type { CompiledType, EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { Arguments } from "./arguments.ts";
import { graphqlFilterPath } from "./input-types.ts";
import { camelCase } from "./names.ts";

/** Reads what a root field of a type asks for; errors name its arguments as GraphQL has them. */
export const readingByArguments = <T>(
  schema: EnvironmentSchema,
  type: CompiledType,
  args: Arguments,
  work: () => Promise<T>,
): Promise<T> =>
  renamingPaths(work, (path) =>
    path.startsWith("filter[") ? graphqlFilterPath(schema, type, path) : argumentOf(args, path),
  );

/** Arguments for which a parameter of REST stands, where it is not called the same in camel case. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  limit: ["first", "last"],
  cursor: ["after", "before"],
  sort: ["random", "nearest"],
};

/** The argument that REST calls so; of several, the one that was given. */
export function argumentOf(args: Arguments, parameter: string): string {
  if (parameter === "include") return "selection";
  const isGiven = (name: string) => args[name] !== undefined && args[name] !== null;
  // An order by fields is an enum: what is wrong with it is what stands beside.
  const other = ARGUMENTS[parameter]?.find(isGiven);
  return other ?? camelCase(parameter);
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

/** The same for what is no promise. */
export function renamingThrown<T>(work: () => T, written: (path: string) => string): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof AppError ? renamed(error, written) : error;
  }
}

function renamed(error: AppError, written: (path: string) => string): AppError {
  const { code, reason, status, headers, cause } = error;
  let { message } = error;
  const details = error.details.map((detail) => {
    const path = written(detail.path);
    const said = inWords(detail.path, path);
    message = said(message);
    return { ...detail, message: said(detail.message), path };
  });
  return new AppError(code, reason, message, { details, status, headers, cause });
}

const CURSORS: Readonly<Record<string, string>> = {
  after: "pageInfo.endCursor",
  before: "pageInfo.startCursor",
};

/** A message that names a path, with what it is called instead. */
function inWords(path: string, written: string): (message: string) => string {
  const isParameter = /^\w+$/.test(path);
  return (message) => {
    const named = isParameter
      ? message.replace(new RegExp(`\\b${path}\\b`), () => written)
      : message.replaceAll(path, () => written);
    const from = CURSORS[written] ?? CURSORS["after"]!;
    return path === "cursor" || path === "page" ? named.replace("pagination.next_cursor", () => from) : named;
  };
}
