import { decodeBase32, encodeBase32 } from "./ids.ts";

/** The outbox rows that a receipt is about: from the first to the last that a request wrote. */
export type ReceiptRange = { first: number; last: number };

/**
 * The id of the receipt of the events that one request wrote, `rcp_` and 26 characters; undefined for
 * no events.
 */
export function receiptOf(outboxIds: readonly string[]): string | undefined {
  if (outboxIds.length === 0) return undefined;
  const ids = outboxIds.map(BigInt);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(
    0,
    ids.reduce((a, b) => (b < a ? b : a)),
  );
  view.setBigUint64(
    8,
    ids.reduce((a, b) => (b > a ? b : a)),
  );
  return `rcp_${encodeBase32(bytes)}`;
}

/** What a receipt is about; undefined for what is no receipt. */
export function rangeOfReceipt(id: string): ReceiptRange | undefined {
  if (!/^rcp_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(id)) return undefined;
  const view = new DataView(decodeBase32(id.slice(4)).buffer);
  const [first, last] = [view.getBigUint64(0), view.getBigUint64(8)];
  const isRange = first > 0n && first <= last && last <= BigInt(Number.MAX_SAFE_INTEGER);
  return isRange ? { first: Number(first), last: Number(last) } : undefined;
}
