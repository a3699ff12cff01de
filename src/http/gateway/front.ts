import { AppError } from "../../core/errors.ts";
import type { GatewayBindings, GatewayExecution } from "../../platform/edge/env.ts";
import { createGatewayApp } from "./app.ts";
import { canonicalRequest } from "./canonical-request.ts";
import { answerFromMemory, isKnownQuery, queryFromMemory } from "./from-memory.ts";
import { decodedRequest, isEncoded } from "./decoded-request.ts";
import { matched } from "./matched.ts";
import { refusal } from "./refusal.ts";
import { asSelfHosted } from "./self-hosted.ts";

/**
 * Everything that a client asks of the gateway. Its address is resolved first, and once: the memory, the router and
 * whoever is called behind them all look at the same path.
 */
export function createFront() {
  const app = createGatewayApp();
  const answer = (
    asked: Request,
    env: GatewayBindings,
    execution: GatewayExecution,
  ): Response | Promise<Response> => {
    const request = resolved(asked);
    if (request instanceof AppError) return refusal(asked, request);
    if (isEncoded(request))
      return decodedRequest(request).then(
        (decoded) => answer(decoded, env, execution),
        (error: unknown) => {
          if (error instanceof AppError) return refusal(asked, error);
          throw error;
        },
      );
    const kept = answerFromMemory(request, env, execution);
    if (kept) return kept;
    const handle = (unread: Request) => app.fetch(unread, env, execution);
    return isKnownQuery(request, env) ? queryFromMemory(request, env, execution, handle) : handle(request);
  };
  return (
    asked: Request,
    env: GatewayBindings,
    execution: GatewayExecution,
  ): Response | Promise<Response> => {
    const finish = (answered: Response) => {
      const response = matched(asked, answered);
      return env.CACHE === "memory" ? asSelfHosted(asked, response) : response;
    };
    const answered = answer(asked, env, execution);
    return answered instanceof Response ? finish(answered) : answered.then(finish);
  };
}

function resolved(request: Request): Request | AppError {
  try {
    return canonicalRequest(request);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
