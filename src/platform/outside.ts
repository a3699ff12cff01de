import ipaddr from "ipaddr.js";
import { AppError, invalid } from "../core/errors.ts";
import type { OutsidePort } from "../core/identity-context.ts";

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
      return new Response(await readBounded(url, response), {
        status: response.status,
        headers: response.headers,
      });
    },
  };
}

/** Whether a URL may be called. Credentials in it never may. */
export function isAllowed(url: URL, isLocal: boolean): boolean {
  if (url.username !== "" || url.password !== "") return false;
  const { hostname, protocol } = url;
  if (isLocal && isLoopback(hostname)) return protocol === "http:" || protocol === "https:";
  if (protocol !== "https:" || INNER_NAMES.test(hostname)) return false;
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(bare)) return ipaddr.process(bare).range() === "unicast";
  return hostname.includes(".");
}

const isLoopback = (hostname: string) => /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);

async function reach(url: URL, init: RequestInit | undefined): Promise<Response> {
  try {
    return await fetch(url.href, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unreachable(url, "there is no response", error);
  }
}

async function readBounded(url: URL, response: Response): Promise<ArrayBuffer | null> {
  if (!response.body) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > MAX_BYTES) {
      await reader.cancel();
      throw unreachable(url, "its response is larger than 1 MB");
    }
    chunks.push(value);
  }
  return new Blob(chunks as BlobPart[]).arrayBuffer();
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
