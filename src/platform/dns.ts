import { AppError } from "../core/errors.ts";
import type { DnsPort } from "../core/identity-context.ts";

const PUBLIC_DNS = "https://cloudflare-dns.com/dns-query";
const TYPES = { A: 1, TXT: 16, AAAA: 28 } as const;
const TIMEOUT_MS = 5000;

/** DNS over HTTPS in its JSON form, from Cloudflare or from the service that DNS_URL names. */
export function dnsPort(url: string = PUBLIC_DNS): DnsPort {
  return {
    txt: async (name) => (await ask(url, name, "TXT")).map(unquote),
    addresses: async (name) => (await Promise.all([ask(url, name, "A"), ask(url, name, "AAAA")])).flat(),
  };
}

/** The data of the records of a type. */
async function ask(url: string, name: string, type: keyof typeof TYPES): Promise<string[]> {
  try {
    const response = await fetch(`${url}?name=${encodeURIComponent(name)}&type=${type}`, {
      headers: { accept: "application/dns-json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { Answer = [] } = await response.json<{ Answer?: { type: number; data: string }[] }>();
    return Answer.filter((one) => one.type === TYPES[type]).map(({ data }) => data);
  } catch (error) {
    throw new AppError(
      "UNAVAILABLE",
      "platform/no-dns",
      "DNS cannot be queried right now: try again, or set DNS_URL.",
      { cause: error },
    );
  }
}

/** A TXT record is written as one or more quoted strings that belong together. */
const unquote = (data: string) =>
  data.startsWith('"') ? [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join("") : data;
