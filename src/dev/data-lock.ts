import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** `pid` is null once its holder let go. */
type Holder = { pid: number | null; started: string | null };

/**
 * Takes a data folder for this process; throws when a living process holds it, takes over from a dead one.
 *
 * Locks are numbered and the highest counts. A number is made once, whole, by link(2), and a higher
 * one only over a holder that is gone: of two processes that find the same dead lock, one makes the
 * next number and the other sees it.
 */
export function lockDataDir(dir: string): { release(): void } {
  mkdirSync(dir, { recursive: true });
  for (let attempt = 0; attempt < 100; attempt++) {
    const last = highestLock(dir);
    const holder = last === 0 ? undefined : readHolder(lockPath(dir, last));
    if (holder && isAlive(holder)) {
      throw new Error(
        `FlowCMS already runs on ${dir} (process ${holder.pid}). Stop it, or choose another folder with --data.`,
      );
    }
    const mine = last + 1;
    if (!writeWhole(dir, mine, { pid: process.pid, started: startOf(process.pid) }, linkSync)) continue;
    if (highestLock(dir) !== mine) {
      rmSync(lockPath(dir, mine), { force: true });
      continue;
    }
    for (const number of lockNumbers(dir)) if (number < mine) rmSync(lockPath(dir, number), { force: true });
    return { release: () => void writeWhole(dir, mine, { pid: null, started: null }, renameSync) };
  }
  throw new Error(`The lock of ${dir} could not be taken.`);
}

const lockPath = (dir: string, number: number) => join(dir, `lock.${number}`);

function lockNumbers(dir: string): number[] {
  return readdirSync(dir).flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice(5))] : []));
}

function highestLock(dir: string): number {
  return Math.max(0, ...lockNumbers(dir));
}

/** Readers see the whole file or none. False when the number is taken. */
function writeWhole(
  dir: string,
  number: number,
  holder: Holder,
  place: (from: string, to: string) => void,
): boolean {
  const draft = join(dir, `lock-draft-${randomUUID()}`);
  writeFileSync(draft, JSON.stringify(holder));
  try {
    place(draft, lockPath(dir, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Undefined when it vanished or is unreadable (a disk that was full): nobody can be holding that. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return started === null || now === null || now === started;
}

/**
 * The start time of a process, in clock ticks since boot, to recognise a reused pid. Null where there is
 * no /proc.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
