import { readdirSync, readFileSync } from "node:fs";

type Process = { pid: number; parent: number; cpuMs: number; rssBytes: number };
const MS_PER_TICK = 10;

/** The CPU time and memory of a server's processes and of its connections to Postgres (Linux). */
export class Counted {
  readonly #roots: number[];
  readonly #database: string | undefined;
  /** Of processes that have ended since, too: connections come and go. */
  readonly #lastCpuMs = new Map<number, number>();
  memoryMb = 0;

  constructor(roots: number[], database: string | undefined) {
    this.#roots = roots;
    this.#database = database;
  }

  /** The CPU time that the work takes, with what it leaves to be done behind the answers. */
  async during<T>(work: () => Promise<T>): Promise<{ result: T; cpuMs: number }> {
    await this.#settled();
    const before = this.#cpuMs();
    const watch = setInterval(() => this.#cpuMs(), 1000);
    const result = await work().finally(() => clearInterval(watch));
    await this.#settled();
    return { result, cpuMs: this.#cpuMs() - before };
  }

  #cpuMs(): number {
    const all = processes();
    const server = withDescendants(all, this.#roots);
    const connections = this.#database ? all.filter(({ pid }) => this.#isConnection(pid)) : [];
    for (const one of [...server, ...connections]) this.#lastCpuMs.set(one.pid, one.cpuMs);
    this.memoryMb = Math.round(server.reduce((sum, one) => sum + one.rssBytes, 0) / 1024 / 1024);
    return [...this.#lastCpuMs.values()].reduce((sum, ms) => sum + ms, 0);
  }

  /** Half a second with less than 2 % of a core. */
  async #settled(): Promise<void> {
    for (let tries = 0, before = this.#cpuMs(); tries < 20; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const now = this.#cpuMs();
      if (now - before <= MS_PER_TICK) return;
      before = now;
    }
  }

  #isConnection(pid: number): boolean {
    const command = read(`/proc/${pid}/cmdline`);
    return command.startsWith("postgres: ") && command.includes(` ${this.#database} `);
  }
}

function processes(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const text = read(`/proc/${pid}/stat`);
    if (text === "") return [];
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const numberAt = (at: number) => Number(fields[at]);
    const cpuMs = (numberAt(11) + numberAt(12)) * MS_PER_TICK;
    return [{ pid: Number(pid), parent: numberAt(1), cpuMs, rssBytes: numberAt(21) * 4096 }];
  });
}

function withDescendants(all: Process[], roots: number[]): Process[] {
  const pids = new Set(roots);
  for (let size = 0; size !== pids.size;) {
    size = pids.size;
    for (const one of all) if (pids.has(one.parent)) pids.add(one.pid);
  }
  return all.filter((one) => pids.has(one.pid));
}

/** A process may end while it is looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
