import { AppError, invalid } from "../../core/errors.ts";
import { parseToken } from "../../core/tokens.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { FULL_HEADER, ORIGIN_HEADER, type ShardStub } from "../../platform/realtime/env.ts";
import type { Arrival } from "../../platform/realtime/seat.ts";
import { answerMediaOf } from "../graphql-over-http.ts";
import { refuseQuery } from "../refuse-query.ts";
import { addressOf } from "./address.ts";
import { environmentName } from "./environment.ts";
import { limit, windowOfAddress } from "./limit.ts";
import { tenantsOfRequest } from "./tenant-of-host.ts";

const MAX_SHARDS = 200;
/** How long a shard is passed by that had no room. */
const FULL_MS = 30_000;

const fullUntil = new Map<string, number>();

export const isUpgrade = ({ headers }: Request): boolean =>
  headers.get("upgrade")?.toLowerCase() === "websocket";

/** Whether a request asks for a stream of events, and for nothing else that GraphQL is answered in. */
export function wantsStream({ headers }: Request): boolean {
  const accept = headers.get("accept");
  return accept !== null && /\btext\/event-stream\b/i.test(accept) && answerMediaOf(accept) === undefined;
}

/** A socket for subscriptions: a shard holds it, near the caller, who signs in by their first message. */
export async function openSocket(request: Request, env: GatewayBindings, behind: Behind): Promise<Response> {
  if (request.method !== "GET") throw invalid("http/bad-upgrade", "A WebSocket is opened with GET.", [], 400);
  limit(windowOfAddress(addressOf(request, env), env), env, behind);
  refuseQuery(new URL(request.url));
  return connectToShard(request, env, request.headers.get("sec-websocket-protocol") ?? "");
}

/** Connects to the first shard that has room; what is done for a GET is to change nothing. */
export async function connectToShard(
  request: Request,
  env: GatewayBindings,
  subprotocol: string,
  isByGet = false,
): Promise<Response> {
  const url = new URL(request.url);
  const tenants = await tenantsOfRequest(env, request, url.hostname);
  const arrival: Arrival = {
    tenants,
    address: addressOf(request, env),
    environment: environmentName(request, url),
    at: Date.now(),
    isByGet,
    ...(env.DEFAULT_PLAN === undefined ? {} : { plan: env.DEFAULT_PLAN }),
  };
  const authorization = request.headers.get("authorization");
  const headers = new Headers({
    upgrade: "websocket",
    "sec-websocket-protocol": subprotocol,
    [ORIGIN_HEADER]: JSON.stringify(arrival),
    ...(authorization === null ? {} : { authorization }),
  });
  const named = tenants[0] ?? parseToken(authorization?.replace(/^bearer +/i, "") ?? "")?.tenantId;
  const near = nearOf(request);
  for (let n = 0; n < MAX_SHARDS; n++) {
    const name = `${named ?? "any"}|${near?.hint ?? "any"}|${n}`;
    if ((fullUntil.get(name) ?? 0) > Date.now()) continue;
    const shard = shardNamed(env, name, near?.hint);
    const response = await shard.fetch(new Request("https://realtime/", { headers }));
    if (!response.headers.has(FULL_HEADER)) return response;
    fullUntil.set(name, Date.now() + FULL_MS);
  }
  throw new AppError("UNAVAILABLE", "realtime/no-room", "There are too many connections: try again later.");
}

const shardNamed = (
  { SHARDS }: GatewayBindings,
  name: string,
  locationHint: DurableObjectLocationHint | undefined,
): ShardStub => SHARDS.get(SHARDS.idFromName(name), locationHint ? { locationHint } : {});

const HINTS: Record<string, DurableObjectLocationHint> = {
  AF: "afr",
  AS: "apac",
  EU: "weur",
  NA: "enam",
  OC: "oc",
  SA: "sam",
};

/** The part of the world that the caller is in, as Cloudflare's network says. */
function nearOf({ cf }: Request): { hint: DurableObjectLocationHint } | undefined {
  const { continent, longitude } = (cf ?? {}) as { continent?: string; longitude?: string };
  const hint = HINTS[continent ?? ""];
  if (hint === undefined) return undefined;
  if (hint === "enam" && Number(longitude) < -100) return { hint: "wnam" };
  return { hint: hint === "weur" && Number(longitude) > 15 ? "eeur" : hint };
}
