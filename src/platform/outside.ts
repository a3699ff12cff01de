import ipaddr from "ipaddr.js";
import { AppError, invalid } from "../core/errors.ts";
import type { DnsPort, OutsidePort } from "../core/identity-context.ts";
import { readAtMost } from "../core/read-body.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
/** Names that are never public. */
const INNER_NAMES =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|localdomain|arpa|test|invalid|onion)\.?$/;

/**
 * Calls addresses that a tenant gave: https and public ones only, so that nobody looks round in our
 * network through us. A name that leads to a private address is refused by the platform
 * (`global_fetch_strictly_public`), not here.
 */
export function outsidePort(publicUrl: string | undefined): OutsidePort {
  const isLocal = publicUrl !== undefined && isLoopback(new URL(publicUrl).hostname);
  return {
    isLocal,
    isAllowed(address) {
      const url = URL.parse(address);
      return url !== null && isAllowed(url, isLocal);
    },
    async fetch(address, init) {
      const url = URL.parse(address);
      if (!url || !isAllowed(url, isLocal)) throw notAllowed(address);
      const response = await reach(url, init);
      if (response.status >= 300 && response.status < 400)
        throw unreachable(url, "it redirects, which is not supported");
      const { body, status, headers } = response;
      const isTooLarge = () => unreachable(url, "its response is larger than 1 MB");
      return new Response(body && (await readAtMost(body, MAX_BYTES, isTooLarge)), { status, headers });
    },
  };
}

/** Whether a URL may be called. Credentials in it never may. */
export function isAllowed(url: URL, isLocal: boolean): boolean {
  if (url.username !== "" || url.password !== "") return false;
  const { hostname, protocol } = url;
  if (isLocal && isLoopback(hostname)) return protocol === "http:" || protocol === "https:";
  if (protocol !== "https:" || INNER_NAMES.test(hostname)) return false;
  const bare = bareHost(url);
  if (ipaddr.isValid(bare)) return isPublic(bare);
  return hostname.includes(".");
}

/**
 * Why a URL must not be called, also by what its name leads to: null when it may be. Throws UNAVAILABLE
 * when DNS cannot say. `isLocal` lets this machine be called.
 */
export async function targetRefusal(
  address: string,
  { isLocal, dns }: { isLocal: boolean; dns: Pick<DnsPort, "addresses"> },
): Promise<string | null> {
  const url = URL.parse(address);
  if (!url) return "must be a URL";
  if (!isAllowed(url, isLocal)) return "must be a public https address";
  if (isLoopback(url.hostname) || ipaddr.isValid(bareHost(url))) return null;
  const addresses = await dns.addresses(url.hostname);
  if (addresses.length === 0) return "has a name that leads nowhere";
  return addresses.every(isPublic) ? null : "must be a public https address: its name leads to a private one";
}

const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "");

/** Where all public IPv6 is: not the outdated `::/96`, which embeds IPv4 of any network. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3");

/** Whether an IP address is one of the open network, behind what maps or translates it too. */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  return ip.range() === "unicast" && (ip.kind() === "ipv4" || ip.match(GLOBAL_IPV6));
}

const isLoopback = (hostname: string) => /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);

async function reach(url: URL, init: RequestInit | undefined): Promise<Response> {
  try {
    return await fetch(url.href, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unreachable(url, "there is no response", error);
  }
}

const notAllowed = (address: string) =>
  invalid("sso/address-not-allowed", `"${address.slice(0, 200)}" is not a public https address.`);

const unreachable = (url: URL, why: string, cause?: unknown) =>
  new AppError(
    "UNAVAILABLE",
    "sso/provider-unreachable",
    `The request to the identity provider at ${url.host} failed: ${why}.`,
    {
      headers: { "retry-after": "5" },
      cause,
    },
  );
