/** The caller's address, as Cloudflare or the proxy in front of a self-hosted gateway says it. */
export const addressOf = (request: Request): string | null => request.headers.get("cf-connecting-ip");
