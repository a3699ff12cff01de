import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const TYPES: Record<string, number> = { A: 1, TXT: 16, AAAA: 28 };

/** A resolver over HTTPS, without the S, whose records a test sets: `/set?name=&value=`, `&type=A` for others than TXT. */
export async function openDns(): Promise<{ url: string; close(): void }> {
  const records = new Map<string, string>([["A example.com", "93.184.216.34"]]);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://dns");
    const name = searchParams.get("name") ?? "";
    const type = searchParams.get("type") ?? "TXT";
    const key = `${type} ${name}`;
    if (pathname === "/set") records.set(key, searchParams.get("value") ?? "");
    const value = records.get(key);
    const data = type === "TXT" ? `"${value}"` : value;
    const Answer = value === undefined ? [] : [{ name, type: TYPES[type], TTL: 60, data }];
    response.setHeader("content-type", "application/dns-json").end(JSON.stringify({ Status: 0, Answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => void server.close() };
}
