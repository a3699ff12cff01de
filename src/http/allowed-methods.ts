import type { Env, Hono } from "hono";
import { AppError, notFound } from "../core/errors.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The value of `Allow` for a path; undefined when there is no such path. */
export function allowOf<E extends Env>(app: Hono<E>, path: string): string | undefined {
  const routed = METHODS.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  if (routed.length === 0) return undefined;
  const all = routed.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...all, "OPTIONS"].join(", ");
}

/**
 * What an app says of a request that it has no route for: 405 with `Allow` where the path is there
 * with other methods.
 */
export function noSuchRoute<E extends Env>(
  app: Hono<E>,
  { method, path }: { method: string; path: string },
  hint = "",
): AppError {
  const [shown, allow] = [path.slice(0, 200), allowOf(app, path)];
  if (allow === undefined) return notFound("http/no-such-route", `There is no ${method} ${shown}${hint}.`);
  return new AppError("INVALID", "http/method-not-allowed", `${shown} allows ${allow}, not ${method}.`, {
    status: 405,
    headers: { allow },
  });
}

/**
 * Lets an app answer `OPTIONS` by what it has routes for; `refuse` shows the error where there is
 * nothing.
 */
export function answerOptions<E extends Env>(app: Hono<E>): void {
  app.options("*", (c, next) => {
    const allow = allowOf(app, c.req.path);
    if (allow === undefined) return next();
    return Promise.resolve(new Response(null, { status: 204, headers: { allow } }));
  });
}
