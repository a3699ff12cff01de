import { AppError } from "../core/errors.ts";
import type { DnsPort } from "../core/identity-context.ts";

const PUBLIC_DNS = "https://cloudflare-dns.com/dns-query";
const TXT = 16;
const TIMEOUT_MS = 5000;

/** DNS over HTTPS in its JSON form, from Cloudflare or from the service that DNS_URL names. */
export function dnsPort(url: string = PUBLIC_DNS): DnsPort {
  return {
    async txt(name) {
      try {
        const response = await fetch(`${url}?name=${encodeURIComponent(name)}&type=TXT`, {
          headers: { accept: "application/dns-json" },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (!response.ok) throw new Error(`status ${response.status}`);
        const { Answer = [] } = await response.json<{ Answer?: { type: number; data: string }[] }>();
        return Answer.filter(({ type }) => type === TXT).map(({ data }) => unquote(data));
      } catch (error) {
        throw new AppError(
          "UNAVAILABLE",
          "platform/no-dns",
          "DNS cannot be queried right now: try again, or set DNS_URL.",
          {
            cause: error,
          },
        );
      }
    },
  };
}

/** A TXT record is written as one or more quoted strings that belong together. */
const unquote = (data: string) =>
  data.startsWith('"') ? [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join("") : data;
