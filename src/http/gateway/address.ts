import type { GatewayBindings } from "../../platform/edge/env.ts";

/** The peer address of the sockets of a self-hosted installation, which listens only there. */
const LOOPBACK = "127.0.0.1";

/**
 * The client's IP address: on Cloudflare from its network. A self-hosted installation trusts only the
 * header named by ADDRESS_HEADER, whose last entry the proxy added; without that setting it is the
 * socket's. The runtime's `cf` comes from a header that any client can send.
 */
export function addressOf(
  request: Request,
  { CACHE, ADDRESS_HEADER }: Pick<GatewayBindings, "CACHE" | "ADDRESS_HEADER">,
): string | null {
  const header = CACHE === "memory" ? ADDRESS_HEADER : "cf-connecting-ip";
  if (header === undefined) return LOOPBACK;
  return request.headers.get(header)?.split(",").at(-1)!.trim() || null;
}
