import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Load, LoadResult } from "./load-client.ts";

const CLIENT = fileURLToPath(new URL("./load-client.ts", import.meta.url));

/** Sends the requests from a process of their own. */
export function runLoad(load: Omit<Load, "requests">, requests: string[]): Promise<LoadResult> {
  const child = spawn(process.execPath, [CLIENT, JSON.stringify({ ...load, requests: [] })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(requests.join("\n---\n"));
  let out = "";
  child.stdout.on("data", (part) => (out += part));
  return new Promise((resolve, reject) =>
    child.on("exit", (code) =>
      code === 0
        ? resolve(JSON.parse(out) as LoadResult)
        : reject(new Error(`load client ended with ${code}`)),
    ),
  );
}

/** A request as it stands on the wire. */
export function rawRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const lines = {
    host: "127.0.0.1",
    ...headers,
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(text)) }),
  };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\r\n")}\r\n\r\n${text}`;
}
