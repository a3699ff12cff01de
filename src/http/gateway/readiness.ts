import type { GatewayBindings, Readiness } from "../../platform/edge/env.ts";
import { askBehind, content, identity } from "../../platform/resilience/workers-behind.ts";
import { hostOfApp } from "../identity-apps.ts";

const ASK_MS = 3000;

/**
 * `/readyz`: `ok`; `degraded` where something is away that nothing fails for, a scheduler stopped or a
 * queue is late; `unavailable`, 503, where writes fail. Whoever asks learns no address and no message of
 * an error.
 */
export async function showReadiness(env: GatewayBindings): Promise<Response> {
  const [behind, lag, ...workers] = await Promise.all([
    inTime(env.INTERNAL.ready()),
    inTime(env.INTERNAL.lag()),
    inTime(askBehind(content, env.CONTENT, "https://content/", { method: "OPTIONS" })),
    inTime(askBehind(identity, env.IDENTITY, `https://${hostOfApp("api")}/`, { method: "OPTIONS" })),
  ]);
  const [ofContent, ofIdentity] = workers.map((answer) => ({ ok: answer !== undefined }));
  const dependencies: Record<string, Readiness> = {
    content: { ...ofContent!, ...content.state() },
    identity: { ...ofIdentity!, ...identity.state() },
    ...behind,
  };
  const isReady = dependencies["content"]!.ok && dependencies["postgres"]?.ok === true;
  const status = !isReady
    ? "unavailable"
    : [dependencies, lag?.schedulers ?? {}, lag?.queues ?? {}].flatMap(Object.values).every(({ ok }) => ok)
      ? "ok"
      : "degraded";
  return Response.json({ status, dependencies, ...lag }, { status: isReady ? 200 : 503 });
}

/** What is answered within three seconds; undefined for anything else. */
const inTime = <T>(asked: Promise<T>): Promise<T | undefined> =>
  Promise.race([
    asked.catch(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(resolve, ASK_MS)),
  ]);
