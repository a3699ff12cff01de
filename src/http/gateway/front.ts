import { AppError } from "../../core/errors.ts";
import type { GatewayExecution } from "../../platform/edge/delivery/index.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { addressOf } from "./address.ts";
import { createGatewayApp } from "./app.ts";
import { canonicalRequest } from "./canonical-request.ts";
import { decodedRequest, isEncoded } from "./decoded-request.ts";
import { answerFromMemory, isKnownQuery, queryFromMemory } from "./from-memory.ts";
import { limitHeaders, windowOfAddress, windowOfUnauthenticated } from "./limit.ts";
import { matched } from "./matched.ts";
import { refusal } from "./refusal.ts";
import { asSelfHosted } from "./self-hosted.ts";

/**
 * The entry point of all client requests. The URL is made canonical first, and once: cache, router and
 * other Workers all see the same path. A read that is in memory waits for nothing.
 */
export function createFront() {
  const app = createGatewayApp();
  return (
    asked: Request,
    env: GatewayBindings,
    execution: GatewayExecution,
  ): Response | Promise<Response> => {
    const request = resolved(asked);
    if (request instanceof AppError)
      return refusal(asked, request).then((answer) => finished(asked, withLimit(asked, answer, env), env));
    const cached = isEncoded(request) ? undefined : answerFromMemory(request, env, execution);
    if (cached) return finished(asked, cached, env);
    return routed(app, request, env, execution).then((answer) =>
      finished(asked, withLimit(request, answer, env), env),
    );
  };
}

/** By the route's handler; the body of a known query must be read first. */
async function routed(
  app: ReturnType<typeof createGatewayApp>,
  request: Request,
  env: GatewayBindings,
  execution: GatewayExecution,
): Promise<Response> {
  const read = isEncoded(request) ? await decodedRequest(request).catch(onlyRefusal) : request;
  if (read instanceof AppError) return refusal(request, read);
  if (!isKnownQuery(read, env)) return app.fetch(read, env, execution);
  const body = await read.arrayBuffer();
  const cached = queryFromMemory(read, body, env, execution);
  return cached ?? app.fetch(new Request(read, { method: "POST", body }), env, execution);
}

/** An answer that says nothing of a limit yet, with that of the caller's address. */
function withLimit(request: Request, answer: Response, env: GatewayBindings): Response {
  if (answer.headers.has("ratelimit") || answer.webSocket) return answer;
  const address = addressOf(request, env);
  const window = answer.status === 401 ? windowOfUnauthenticated(address) : windowOfAddress(address, env);
  const shown = new Response(answer.body, answer);
  for (const [name, value] of limitHeaders(window, undefined, null, Date.now()))
    shown.headers.set(name, value);
  return shown;
}

/** An answer as it leaves the house. */
function finished(asked: Request, answer: Response, env: GatewayBindings): Response {
  const response = matched(asked, answer);
  return env.CACHE === "memory" ? asSelfHosted(asked, response) : response;
}

function resolved(request: Request): Request | AppError {
  try {
    return canonicalRequest(request);
  } catch (error) {
    return onlyRefusal(error);
  }
}

function onlyRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
