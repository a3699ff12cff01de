import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A resolver over HTTPS, without the S, whose TXT records a test sets: `/set?name=&value=`. */
export async function openDns(): Promise<{ url: string; close(): void }> {
  const records = new Map<string, string>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://dns");
    const name = searchParams.get("name") ?? "";
    if (pathname === "/set") records.set(name, searchParams.get("value") ?? "");
    const value = records.get(name);
    const Answer = value === undefined ? [] : [{ name, type: 16, TTL: 60, data: `"${value}"` }];
    response.setHeader("content-type", "application/dns-json").end(JSON.stringify({ Status: 0, Answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => void server.close() };
}
