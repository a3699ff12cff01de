import { AppError } from "../../core/errors.ts";
import type { LiveErrors } from "../../core/live.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { FAILED, PONG, SUBPROTOCOL } from "../../platform/realtime/protocol.ts";
import { MUTATION_BY_GET, mutationByGet, readRequest } from "../graphql/read-request.ts";
import { addressOf } from "./address.ts";
import { failed } from "./answer.ts";
import { requireBodyWithinLimit } from "./body-limit.ts";
import { checkAccess } from "./check-access.ts";
import { identify } from "./identify.ts";
import { limit, windowOfAddress, windowOfCaller } from "./limit.ts";
import { connectToShard } from "./realtime.ts";
import { requestIdOf, standardHeaders, type Reply } from "./response-headers.ts";
import { tenantsOfRequest } from "./tenant-of-host.ts";
import { unauthenticated } from "./unauthenticated.ts";

/** Proxies close what is silent for long. */
const HEARTBEAT_MS = 15_000;
const ID = "1";

type Told = { type: string; id?: string; payload?: unknown };

/**
 * One operation as server-sent events (GraphQL over SSE, distinct connections): a shard holds it as the
 * operation of a socket, which ends here.
 */
export async function openStream(request: Request, env: GatewayBindings, behind: Behind): Promise<Response> {
  const reply: Reply = { request, requestId: requestIdOf(request) };
  try {
    const url = new URL(request.url);
    if (request.method === "HEAD") throw notByHead(request, env, behind);
    const ticket = url.searchParams.get("ticket");
    url.searchParams.delete("ticket");
    await letIn(reply, env, url, ticket, behind);
    requireBodyWithinLimit(request, url);
    const { method, ...asked } = await readRequest(new Request(url, request));
    const since = request.headers.get("last-event-id");
    const extensions = since === null ? asked.extensions : { since, ...(asked.extensions as object) };
    const isByGet = method === "GET";
    const { webSocket } = await connectToShard(request, env, SUBPROTOCOL, isByGet);
    const stream = streamOf(webSocket!, { ...asked, extensions }, isByGet);
    await stream.signIn(ticket === null ? {} : { ticket });
    const headers = new Headers(standardHeaders(reply, "BYPASS", Date.now()));
    headers.set("content-type", "text/event-stream");
    headers.set("cache-control", "no-store, no-transform");
    headers.set("x-accel-buffering", "no");
    return new Response(stream.readable, { headers });
  } catch (error) {
    return failed(reply, error);
  }
}

/** Throws unless the caller's token is valid here; who has a ticket shows it to the shard. */
async function letIn(
  reply: Reply,
  env: GatewayBindings,
  url: URL,
  ticket: string | null,
  behind: Behind,
): Promise<void> {
  const { request } = reply;
  const address = addressOf(request, env);
  if (ticket !== null) return limit(windowOfAddress(address, env), env, behind);
  const identified = identify(request, env, url, behind);
  const credential = await checkAccess(identified, tenantsOfRequest(env, request, url.hostname), address);
  reply.window = windowOfCaller(credential, env, Date.now());
  limit(reply.window, env, behind);
}

/** The refusal of HEAD: to find out what a stream would begin with, it would have to be executed. */
function notByHead(request: Request, env: GatewayBindings, behind: Behind): AppError {
  limit(windowOfAddress(addressOf(request, env), env), env, behind);
  return new AppError("INVALID", "http/method-not-allowed", "Streams are opened with GET or POST.", {
    status: 405,
    headers: { allow: "GET, POST" },
  });
}

/** The events of the one operation of a socket. */
function streamOf(ws: WebSocket, asked: unknown, isByGet: boolean) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const heartbeat = setInterval(() => write(":\n\n"), HEARTBEAT_MS);
  let tail: Promise<void> = Promise.resolve();
  const end = (): void => {
    clearInterval(heartbeat);
    ws.close(1000);
  };
  const write = (text: string): void => {
    tail = tail.then(() => writer.write(encoder.encode(text))).catch(end);
  };
  // Without `complete`: the client comes again.
  const leave = (): void => {
    clearInterval(heartbeat);
    tail = tail.then(() => writer.close()).catch(() => {});
    ws.close(1000);
  };
  const complete = (): void => {
    write("event: complete\ndata: \n\n");
    leave();
  };
  const tell = (told: Told): void => {
    const { type, payload } = told;
    if (reasonOf(told) === FAILED) return leave();
    // What the shard asks is answered once the client has taken what came before.
    if (type === "ping") tail = tail.then(() => ws.send(PONG)).catch(end);
    if (type === "next") write(eventOf(payload as { extensions?: { since?: string } }));
    if (type === "pong") write(": standing\n\n");
    if (type === "error") write(eventOf({ errors: payload } as never));
    if (type === "error" || type === "complete") complete();
  };
  const signIn = (payload: object): Promise<void> =>
    new Promise((resolve, reject) => {
      ws.accept();
      ws.addEventListener("message", ({ data }) => {
        const told = JSON.parse(data as string) as Told;
        if (told.type !== "connection_ack") {
          tell(told);
          return reasonOf(told) === MUTATION_BY_GET ? reject(mutationByGet()) : resolve();
        }
        ws.send(JSON.stringify({ id: ID, type: "subscribe", payload: asked }));
        write(":\n\n");
        // What a GET asks for may be refused with a status: only the shard finds out what it is.
        if (!isByGet) resolve();
      });
      ws.addEventListener("close", ({ code, reason }) => {
        reject(refused(code, reason));
        leave();
      });
      ws.send(JSON.stringify({ type: "connection_init", payload }));
    });
  void writer.closed.catch(end);
  return { readable, signIn };
}

function eventOf(payload: { extensions?: { since?: string } }): string {
  const since = payload.extensions?.since;
  return `event: next\n${since === undefined ? "" : `id: ${since}\n`}data: ${JSON.stringify(payload)}\n\n`;
}

const reasonOf = ({ type, payload }: Told): unknown =>
  type === "error" ? (payload as LiveErrors)[0]?.extensions?.["reason"] : undefined;

function refused(code: number, reason: string): AppError {
  if (code === 4403) return unauthenticated("access/bad-token", reason);
  return new AppError("UNAVAILABLE", "realtime/no-room", reason || "The connection was closed: try again.");
}
