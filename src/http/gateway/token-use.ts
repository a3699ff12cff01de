import { keepNewest } from "../../core/keep-newest.ts";
import type { Behind, SnapshotSource } from "../../platform/edge/env.ts";

const NOTE_EVERY_MS = 300_000;
const MAX_TOKENS = 20_000;
const notedAt = new Map<string, number>();

/** Tells the tenant's object that a token is in use: from each isolate once in five minutes. */
export function noteUse(env: SnapshotSource, tenantId: string, tokenId: string, behind: Behind): void {
  const now = Date.now();
  if (now - (notedAt.get(tokenId) ?? 0) < NOTE_EVERY_MS) return;
  keepNewest(notedAt, tokenId, now, MAX_TOKENS);
  behind.waitUntil(
    env.TENANTS.getByName(tenantId)
      .touch(tokenId, now)
      .catch(() => {}),
  );
}
