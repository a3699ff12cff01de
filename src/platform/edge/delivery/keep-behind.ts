import type { Behind, GatewayBindings } from "../env.ts";
import { answers } from "./answers.ts";
import type { KeptItem } from "./answer-cache.ts";

/** How often one key is written at most; of what comes meanwhile the last one is. */
const WRITE_EVERY_MS = 1000;
/** What comes within this time is written together. */
const GATHER_MS = 100;
const MAX_WAITING = 5000;
const MAX_AT_ONCE_BYTES = 8 * 1024 * 1024;
const MAX_SERVED = 20_000;

const waiting = new Map<string, KeptItem>();
const served = new Set<string>();
const writtenAt = new Map<string, number>();
/** Work behind an answer that was cut off never ends: after this long another takes its place. */
const WRITES_MAX_MS = 20_000;
let writingSince = 0;

/** Has an answer written to the disk, behind the one that is sent. */
export function keepBehind(
  item: KeptItem,
  { CACHE, KEPT }: Pick<GatewayBindings, "CACHE" | "KEPT">,
  behind: Behind,
): void {
  if (CACHE !== "memory" || !KEPT) return;
  waiting.delete(item.key);
  waiting.set(item.key, item);
  if (waiting.size > MAX_WAITING) waiting.delete(waiting.keys().next().value!);
  const now = Date.now();
  if (now - writingSince < WRITES_MAX_MS) return;
  writingSince = now;
  behind.waitUntil(write(KEPT, now));
}

/** Notes that a key was served from memory; told to the disk together with what is written next. */
export function noteServed(key: string): void {
  if (served.size < MAX_SERVED) served.add(key);
}

async function write(kept: NonNullable<GatewayBindings["KEPT"]>, startedAt: number): Promise<void> {
  const isInTime = () => writingSince === startedAt && Date.now() - startedAt < WRITES_MAX_MS / 2;
  while (waiting.size > 0 && isInTime()) {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    const items = nextItems(Date.now());
    if (items.length === 0) continue;
    const used = [...served];
    served.clear();
    await kept.getByName("answers").keep(items, used).catch(warn);
  }
  if (writingSince === startedAt) writingSince = 0;
  for (const [key, at] of writtenAt) if (at <= Date.now() - WRITE_EVERY_MS) writtenAt.delete(key);
}

/** What may be written now; what was purged since it came, or made anew, is not any more. */
function nextItems(now: number): KeptItem[] {
  const items: KeptItem[] = [];
  let bytes = 0;
  for (const [key, item] of waiting) {
    if (answers.get(key) !== item.answer) {
      waiting.delete(key);
      continue;
    }
    if ((writtenAt.get(key) ?? 0) > now - WRITE_EVERY_MS) continue;
    if (items.length > 0 && bytes + item.answer.bytes > MAX_AT_ONCE_BYTES) break;
    bytes += item.answer.bytes;
    items.push(item);
    waiting.delete(key);
    writtenAt.set(key, now);
  }
  return items;
}

const warn = ({ message }: Error) =>
  console.warn(JSON.stringify({ event: "kept_answers.not_written", message }));
