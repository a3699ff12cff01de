import type { GatewayBindings } from "../../platform/edge/env.ts";

/** The other end of every socket of an installation of one's own, which listens there and nowhere else. */
const LOOPBACK = "127.0.0.1";

/**
 * The caller's address: on Cloudflare as its network says it. An installation of one's own believes
 * the header alone that ADDRESS_HEADER names, whose last entry is what the proxy in front added;
 * without that setting it is the socket's. What the runtime tells in `cf` comes from a header that
 * anybody may send.
 */
export function addressOf(
  request: Request,
  { CACHE, ADDRESS_HEADER }: Pick<GatewayBindings, "CACHE" | "ADDRESS_HEADER">,
): string | null {
  const header = CACHE === "memory" ? ADDRESS_HEADER : "cf-connecting-ip";
  if (header === undefined) return LOOPBACK;
  return request.headers.get(header)?.split(",").at(-1)!.trim() || null;
}
