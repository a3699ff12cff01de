import { Hono, type Context as HonoContext } from "hono";
import * as z from "zod";
import { success } from "../../core/answers.ts";
import { AppError } from "../../core/errors.ts";
import { parseInput } from "../../core/parse-input.ts";
import { readJson } from "../../core/read-body.ts";
import {
  beginPasskey,
  beginPasskeySignIn,
  finishPasskey,
  finishPasskeySignIn,
} from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { noStepCookie, readStepCookie, sessionCookie, stepCookie } from "./cookies.ts";
import { requireSameOrigin } from "./forms.ts";
import { PASSKEY_SCRIPT } from "./passkey-script.ts";
import { signedIn } from "./signed-in.ts";

const MAX_BYTES = 64 * 1024;
const Answer = z.object({ answer: z.unknown(), name: z.string().max(100).default("") });

/** The routes of the pages' script: passkeys need JavaScript, everything else does not. */
export function passkeyRoutes(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get(
    "/script.js",
    () =>
      new Response(PASSKEY_SCRIPT, {
        headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "public, max-age=300" },
      }),
  );
  app.post("/sign-in/begin", async (c) => {
    requireSameOrigin(c.req.raw, c.var.ctx.site);
    const { options, step } = await beginPasskeySignIn(c.var.ctx);
    return success(options, 200, { "set-cookie": stepCookie(step) });
  });
  app.post("/sign-in/finish", async (c) => {
    const { answer } = await read(c);
    const { token, maxAgeSeconds } = await finishPasskeySignIn(c.var.ctx, { step: stepOf(c), answer });
    const response = success({ signed_in: true });
    response.headers.append("set-cookie", sessionCookie(token, maxAgeSeconds));
    response.headers.append("set-cookie", noStepCookie);
    return response;
  });
  app.post("/begin", async (c) => {
    requireSameOrigin(c.req.raw, c.var.ctx.site);
    const { options, step } = await beginPasskey(c.var.ctx, await requirePerson(c));
    return success(options, 200, { "set-cookie": stepCookie(step) });
  });
  app.post("/finish", async (c) => {
    const { answer, name } = await read(c);
    await finishPasskey(c.var.ctx, await requirePerson(c), { step: stepOf(c), answer, name });
    return success({ added: true }, 201, { "set-cookie": noStepCookie });
  });
  return app;
}

async function read(c: HonoContext<IdentityApp>) {
  requireSameOrigin(c.req.raw, c.var.ctx.site);
  const body = await readJson(c.req.raw, MAX_BYTES);
  return parseInput(Answer, body, "identity/bad-passkey", "The passkey could not be read.");
}

const stepOf = (c: HonoContext<IdentityApp>) => readStepCookie(c.req.raw) ?? "";

async function requirePerson(c: HonoContext<IdentityApp>) {
  const person = await signedIn(c);
  if (!person) throw new AppError("UNAUTHENTICATED", "identity/not-signed-in", "Sign in first.");
  return person;
}
