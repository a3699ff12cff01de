import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

type Found = {
  pid: number;
  parent: number;
  name: string;
  cpuMs: number;
  /** What its children took that have ended. */
  endedCpuMs: number;
  rssBytes: number;
};

function all(): Found[] {
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

/** The database whose servers are counted; those of every one when it is not known. */
const database = new URL(process.env["DATABASE_URL"] || "postgres://-").pathname.slice(1);

/** This process and its workerd, and the servers of Postgres. */
const isOurs = ({ pid, parent, name }: Found) =>
  pid === process.pid || (parent === process.pid && name.includes("workerd")) || isServer(pid, name);

function isServer(pid: number, name: string): boolean {
  if (name !== "postgres" || database === "") return name === "postgres";
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(` ${database} `);
  } catch {
    return false;
  }
}

/** CPU time of the whole stack so far, milliseconds summed over its processes (Linux). */
export const stackCpuMs = (): number =>
  all()
    .filter(isOurs)
    // A connection to Postgres is a process, which may end while somebody counts.
    .reduce((sum, one) => sum + one.cpuMs + (one.name === "postgres" ? one.endedCpuMs : 0), 0);

/** Resident memory of the stack without an outside Postgres, megabytes. */
export function stackMemoryMb(): number {
  const bytes = all()
    .filter((one) => isOurs(one) && one.name !== "postgres")
    .reduce((sum, one) => sum + one.rssBytes, 0);
  return Math.round(bytes / 1024 / 1024);
}
