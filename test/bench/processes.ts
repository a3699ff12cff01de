import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

export type Found = {
  pid: number;
  parent: number;
  name: string;
  cpuMs: number;
  /** What its children took that have ended. */
  endedCpuMs: number;
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
        const msOf = (first: number) =>
          ((Number(fields[first]) + Number(fields[first + 1])) * 1000) / TICKS_PER_SECOND;
        return [
          {
            pid: Number(name),
            parent: Number(fields[1]),
            name: text.slice(text.indexOf("(") + 1, text.lastIndexOf(")")),
            cpuMs: msOf(11),
            endedCpuMs: msOf(13),
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

/** CPU time of the whole stack so far, milliseconds summed over its processes (Linux). */
export const stackCpuMs = (): number =>
  processes()
    .filter(isOurs)
    // A connection to Postgres is a process, which may end while somebody counts.
    .reduce((sum, one) => sum + one.cpuMs + (one.name === "postgres" ? one.endedCpuMs : 0), 0);

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
