import { AppError } from "../../core/errors.ts";
import {
  readRetryAfter,
  signedHeaders,
  type AttemptResult,
  type Claimed,
} from "../../domain/reach/webhooks/index.ts";
import { targetRefusal } from "../../platform/outside.ts";
import type { WebhookPlatform } from "../../platform/webhook-env.ts";

const TIMEOUT_MS = 10_000;
/** What is read of a response. Its status alone says whether the call succeeded. */
const MAX_RESPONSE_BYTES = 16 * 1024;
const BODY_TIMEOUT_MS = 2000;
const TOO_LARGE = "The template makes more than fits into a call: it was not made.";
/** What secrets of webhooks are sealed for. */
export const SEALED_FOR = "webhook";

/** Calls an endpoint once. Never throws for what the receiver does. */
export async function callEndpoint(
  { vault, dns, isLocal, call }: Pick<WebhookPlatform, "vault" | "dns" | "isLocal" | "call">,
  tenantId: string,
  claimed: Claimed,
): Promise<AttemptResult> {
  const at = new Date();
  const took = (): { at: Date; latencyMs: number } => ({ at, latencyMs: Date.now() - at.getTime() });
  const { body } = claimed;
  if (body === null) return { ...took(), failure: TOO_LARGE, isHopeless: true };
  try {
    const { url } = claimed.config;
    const refusal = await targetRefusal(url, { isLocal, dns });
    if (refusal !== null) return { ...took(), failure: `The URL ${refusal}.` };
    const headers = await headersOf(vault(), tenantId, { ...claimed, body }, at);
    const response = await call(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answered = took();
    return { ...answered, ...(await resultOf(response)) };
  } catch (error) {
    return { ...took(), failure: failureOf(error), isOurs: error instanceof AppError };
  }
}

async function headersOf(
  vault: ReturnType<WebhookPlatform["vault"]>,
  tenantId: string,
  { id, body, event, config, secrets }: Claimed & { body: string },
  at: Date,
): Promise<Record<string, string>> {
  const open = (sealed: string) => vault.open(tenantId, SEALED_FOR, sealed);
  const own = config.headers.map(async ({ name, value, sealed }) => [
    name,
    sealed ? await open(sealed) : (value ?? ""),
  ]);
  const signed = await signedHeaders(await Promise.all(secrets.map(open)), { id, body, at: at.getTime() });
  return {
    ...(Object.fromEntries(await Promise.all(own)) as Record<string, string>),
    "content-type": "application/json",
    "user-agent": "FlowCMS-Webhooks/1",
    "x-flow-event": event,
    ...signed,
  };
}

async function resultOf(
  response: Response,
): Promise<Pick<AttemptResult, "status" | "failure" | "responseBody" | "retryAfter">> {
  const { status, headers } = response;
  const responseBody = await readBeginning(response);
  const retryAfter = readRetryAfter(headers.get("retry-after"), Date.now());
  if (response.ok) return { status, responseBody };
  const why =
    status >= 300 && status < 400 ? "It redirects, which is not followed." : `It answered ${status}.`;
  return { status, responseBody, retryAfter, failure: why };
}

/** The first bytes of a response that come in time, as text. */
async function readBeginning({ body }: Response): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const isLate = new Promise<undefined>((resolve) => setTimeout(resolve, BODY_TIMEOUT_MS));
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    while (size < MAX_RESPONSE_BYTES) {
      const read = await Promise.race([reader.read(), isLate]);
      if (!read || read.done) break;
      const part = read.value.subarray(0, MAX_RESPONSE_BYTES - size);
      size += part.byteLength;
      text += decoder.decode(part, { stream: true });
    }
  } catch {
    // A response that breaks off has its status already.
  }
  void reader.cancel().catch(() => undefined);
  return text;
}

function failureOf(error: unknown): string {
  if (error instanceof AppError) return `FlowCMS could not make the call (${error.reason}).`;
  const { name } = error as Error;
  if (name === "TimeoutError" || name === "AbortError")
    return `There was no response within ${TIMEOUT_MS / 1000} seconds.`;
  return "The connection failed.";
}
