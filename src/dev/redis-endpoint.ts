import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RedisReply, RedisStore } from "./redis-store.ts";

export type RedisEndpoint = { port: number; stats(): { commands: number }; close(): Promise<void> };

/** Serves the Upstash REST protocol (a command, `/pipeline`, `/multi-exec`) on 127.0.0.1; `GET /stats` counts commands. */
export async function listenRedis({ store, token, port = 0 }: { store: RedisStore; token: string; port?: number }): Promise<RedisEndpoint> {
  const stats = { commands: 0 };
  const run = async (command: unknown): Promise<RedisReply> => {
    if (!Array.isArray(command) || command.length === 0) throw new Error("ERR empty command");
    stats.commands++;
    return store.call(command.map((part) => (typeof part === "string" ? part : JSON.stringify(part))));
  };
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const path = new URL(request.url!, "http://local").pathname;
    const encode = request.headers["upstash-encoding"] === "base64" ? toBase64 : (reply: RedisReply) => reply;
    const body = await readBody(request);
    const one = (command: unknown) =>
      run(command).then(
        (reply) => ({ result: encode(reply) }),
        (error: Error) => ({ error: error.message }),
      );
    if (path === "/pipeline" || path === "/multi-exec") {
      const results: unknown[] = [];
      for (const command of body as unknown[]) results.push(await one(command));
      return results;
    }
    const command = body ?? path.split("/").filter(Boolean).map(decodeURIComponent);
    return { result: encode(await run(command)) };
  };
  const server = createServer((request, response) => {
    if (request.url === "/stats") return send(response, 200, stats);
    if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { error: "WRONGPASS invalid or missing auth token" });
    answer(request).then(
      (value) => send(response, 200, value),
      (error: Error) => send(response, 400, { error: error.message }),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stats: () => ({ ...stats }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

function toBase64(reply: RedisReply): RedisReply {
  if (typeof reply === "string") return reply === "OK" ? reply : Buffer.from(reply).toString("base64");
  return Array.isArray(reply) ? reply.map(toBase64) : reply;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
