import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
/** How often processes are looked at that may end before they are asked for. */
const WATCH_MS = 1000;

export type Found = {
  pid: number;
  parent: number;
  name: string;
  /** When it was started, ticks after the boot: a number of a process is used again. */
  started: string;
  cpuMs: number;
  rssBytes: number;
};

/** Every process of this machine. */
export function processes(): Found[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, "utf8");
        const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
        const ticks = Number(fields[11]) + Number(fields[12]);
        return [
          {
            pid: Number(name),
            parent: Number(fields[1]),
            name: text.slice(text.indexOf("(") + 1, text.lastIndexOf(")")),
            started: fields[19]!,
            cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
            rssBytes: Number(fields[21]) * 4096,
          },
        ];
      } catch {
        return [];
      }
    });
}

/** The database whose servers are counted; none where it is embedded. */
const databaseName = (): string | undefined => {
  const url = process.env["DATABASE_URL"];
  return url ? new URL(url).pathname.slice(1) : undefined;
};

/** This process and its workerd, and the servers of Postgres. */
const isOurs = ({ pid, parent, name }: Found) =>
  pid === process.pid || (parent === process.pid && name.includes("workerd")) || isServer(pid, name);

function isServer(pid: number, name: string): boolean {
  const database = databaseName();
  return name === "postgres" && database !== undefined && isConnectionTo(database, pid);
}

/** Whether a process of Postgres serves that database. */
export function isConnectionTo(database: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(` ${database} `);
  } catch {
    return false;
  }
}

/**
 * CPU time so far of the processes that `select` picks, milliseconds. What has ended since the first
 * call counts too, as it was seen last: a connection to Postgres is a process of its own.
 */
export function cpuClock(select: (all: Found[]) => Found[]): () => number {
  const seen = new Map<string, number>();
  let watch: NodeJS.Timeout | undefined;
  const now = () => {
    watch ??= setInterval(now, WATCH_MS).unref();
    for (const { pid, started, cpuMs } of select(processes())) seen.set(`${pid} ${started}`, cpuMs);
    return [...seen.values()].reduce((sum, ms) => sum + ms, 0);
  };
  return now;
}

/** CPU time of the whole stack so far, milliseconds summed over its processes (Linux). */
export const stackCpuMs: () => number = cpuClock((all) => all.filter(isOurs));

const withoutPostgres = () => processes().filter((one) => isOurs(one) && one.name !== "postgres");
const toMb = (bytes: number) => Math.round(bytes / 1024 / 1024);

/** Resident memory of the stack without an outside Postgres, megabytes. */
export const stackMemoryMb = (): number =>
  toMb(withoutPostgres().reduce((sum, one) => sum + one.rssBytes, 0));

/** Has the kernel note peaks of memory from now on. */
export function resetPeaks(): void {
  for (const { pid } of withoutPostgres()) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The most resident memory of each process of the stack since then, megabytes summed. */
export function peakMemoryMb(): number {
  const peaks = withoutPostgres().map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  });
  return toMb(peaks.reduce((sum, one) => sum + one, 0));
}

/** Resident memory of every process of the stack, megabytes; the servers of Postgres by what is their own. */
export function memoryByProcess(): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of processes().filter(isOurs)) {
    const name = one.pid === process.pid ? "node" : one.name;
    sums[name] = (sums[name] ?? 0) + (name === "postgres" ? ownBytes(one) : one.rssBytes);
  }
  return Object.fromEntries(Object.entries(sums).map(([name, bytes]) => [name, toMb(bytes)]));
}

/** Shared memory counted by share, where the kernel lets us see it. */
function ownBytes({ pid, rssBytes }: Found): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return 1024 * Number(/^Pss:\s+(\d+) kB$/m.exec(text)![1]);
  } catch {
    return rssBytes;
  }
}
