import { AppError } from "../../src/core/errors.ts";
import * as saml from "../../src/domain/identity/sso/saml/index.ts";

/**
 * Calls the functions of the SAML core inside workerd: `POST /{function}` with a JSON array of
 * arguments.
 */
export default {
  async fetch(request: Request): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1) as keyof typeof saml;
    const call = saml[name] as (...args: unknown[]) => unknown;
    try {
      return Response.json({ value: await call(...((await request.json()) as unknown[])) });
    } catch (error) {
      if (error instanceof AppError) return Response.json({ reason: error.reason });
      return Response.json({ crash: String(error) });
    }
  },
};
