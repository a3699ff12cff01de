import type { Env, Hono } from "hono";
import type { Context } from "../core/context.ts";
import type { Operation } from "../core/operation.ts";
import { answerOperation } from "../core/run-operation.ts";

/** Mounts the REST routes of operations below a prefix, exact paths before those with parameters. */
export function mountOperations<C extends Context, E extends Env & { Variables: { ctx: C } }>(
  app: Hono<E>,
  operations: readonly Operation<C>[],
  prefix = "",
): void {
  for (const operation of operations.toSorted(bySpecificity))
    app.on(operation.method.toUpperCase(), prefix + routeOf(operation), (c) =>
      answerOperation(operation, c.var.ctx as C, c.req.raw, c.req.param() as Record<string, string>),
    );
}

/** `/content/{type}/{id}` as `/content/:type/:id`. */
const routeOf = ({ path, patterns = {} }: Operation): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const pattern = patterns[name];
    return pattern === undefined ? `:${name}` : `:${name}{${pattern}}`;
  });

/** A path that says more of its segments goes first: a word, a pattern, any segment, any rest. */
function bySpecificity(a: Operation, b: Operation): number {
  const [left, right] = [ranksOf(a), ranksOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++)
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  return right.length - left.length;
}

const ranksOf = ({ path, patterns = {} }: Operation): number[] =>
  path
    .split("/")
    .slice(1)
    .map((segment) => {
      if (!segment.startsWith("{")) return 0;
      const pattern = patterns[segment.slice(1, -1)];
      if (pattern === undefined) return 2;
      return pattern === ".+" ? 3 : 1;
    });
