import type { Census, Joining } from "./env.ts";
import { MAX_SOCKETS_PER_CALLER, MAX_SOCKETS_PER_ENVIRONMENT } from "./limits.ts";

/** Whose connections are too many with one that joins: the caller's, or the environment's. */
export function overLimit(
  held: ReadonlyMap<string, Census>,
  { shard, who, all, ofWho }: Joining,
): "caller" | "environment" | undefined {
  const others = [...held].filter(([name]) => name !== shard).map(([, census]) => census);
  const sum = (of: (census: Census) => number) => others.reduce((total, one) => total + of(one), 0);
  if (ofWho + sum(({ ofEach }) => ofEach[who] ?? 0) > MAX_SOCKETS_PER_CALLER) return "caller";
  return all + sum((one) => one.all) > MAX_SOCKETS_PER_ENVIRONMENT ? "environment" : undefined;
}
