import { isConnectionTo, processes, type Found } from "../processes.ts";

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
    const database = this.#database;
    const connections = database
      ? all.filter(({ pid, name }) => name === "postgres" && isConnectionTo(database, pid))
      : [];
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
}

function withDescendants(all: Found[], roots: number[]): Found[] {
  const pids = new Set(roots);
  for (let size = 0; size !== pids.size;) {
    size = pids.size;
    for (const one of all) if (pids.has(one.parent)) pids.add(one.pid);
  }
  return all.filter((one) => pids.has(one.pid));
}
