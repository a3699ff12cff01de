import { createServer, type IncomingMessage } from "node:http";
import { BodyTooLarge, closeServer, listenOnLoopback, readBody, sendJson } from "./loopback-server.ts";
import { RedisAway, type RedisReply, type RedisStore } from "./redis-store.ts";

export type RedisEndpoint = { port: number; stats(): { commands: number }; close(): Promise<void> };
type Encode = (reply: RedisReply) => RedisReply;
type Item = { result: RedisReply } | { error: string };

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Serves the Upstash REST protocol (a command, `/pipeline`, `/multi-exec`) on 127.0.0.1; `GET /stats`
 * counts commands.
 */
export async function listenRedis(options: {
  store: RedisStore;
  token: string;
  port?: number;
}): Promise<RedisEndpoint> {
  const { store, token, port = 0 } = options;
  const stats = { commands: 0 };
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/stats") return sendJson(response, 200, stats);
    const isAllowed = request.headers.authorization === `Bearer ${token}`;
    if (!isAllowed) return sendJson(response, 401, { error: "WRONGPASS invalid or missing auth token" });
    answer(store, request, stats).then(
      (value) => sendJson(response, 200, value),
      (error: Error) => sendJson(response, statusOf(error), { error: error.message }),
    );
  });
  const taken = await listenOnLoopback(server, port);
  return {
    port: taken,
    stats: () => ({ ...stats }),
    async close() {
      await closeServer(server);
      await store.close();
    },
  };
}

const statusOf = (error: Error): number =>
  error instanceof BodyTooLarge ? 413 : error instanceof RedisAway ? 503 : 400;

async function answer(
  store: RedisStore,
  request: IncomingMessage,
  stats: { commands: number },
): Promise<unknown> {
  const encode: Encode = request.headers["upstash-encoding"] === "base64" ? toBase64 : (reply) => reply;
  const url = new URL(request.url!, "http://local");
  const path = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  const text = await readBody(request, MAX_BODY_BYTES);
  if (path[0] === "pipeline" || path[0] === "multi-exec") {
    const commands = readCommands(text);
    stats.commands += commands.length;
    return path[0] === "pipeline"
      ? runPipeline(store, commands, encode)
      : runTransaction(store, commands, encode);
  }
  // GET /set/key/value?EX=100; a POST with a path takes its body as the last argument.
  const fromPath = [
    ...path,
    ...(path.length > 0 && text !== "" ? [text] : []),
    ...[...url.searchParams].flat().filter(Boolean),
  ];
  const command = toCommand(path.length > 0 ? fromPath : parseJson(text));
  stats.commands++;
  return { result: encode(await store.call(command)) };
}

/** Sent at once, answered in order; a command that fails leaves the others alone. */
function runPipeline(store: RedisStore, commands: string[][], encode: Encode): Promise<Item[]> {
  const run = (command: string[]): Promise<Item> =>
    store.call(command).then(
      (reply) => ({ result: encode(reply) }),
      (error: Error) => ({ error: error.message }),
    );
  return Promise.all(commands.map(run));
}

async function runTransaction(store: RedisStore, commands: string[][], encode: Encode): Promise<Item[]> {
  const replies = await store.transaction(commands);
  return replies.map((reply) =>
    reply instanceof Error ? { error: reply.message } : { result: encode(reply) },
  );
}

function readCommands(text: string): string[][] {
  const body = parseJson(text);
  if (!Array.isArray(body)) throw new Error("ERR the body is not a list of commands");
  return body.map(toCommand);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("ERR failed to parse command");
  }
}

function toCommand(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error("ERR empty command");
  return value.map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
}

function toBase64(reply: RedisReply): RedisReply {
  if (typeof reply === "string") return reply === "OK" ? reply : Buffer.from(reply).toString("base64");
  return Array.isArray(reply) ? reply.map(toBase64) : reply;
}
