import { cpuClock, isConnectionTo, type Found } from "../processes.ts";

const MS_PER_TICK = 10;

/** The CPU time and memory of a server's processes and of its connections to Postgres (Linux). */
export class Counted {
  readonly #cpuMs: () => number;
  memoryMb = 0;

  constructor(roots: number[], database: string | undefined) {
    this.#cpuMs = cpuClock((all) => {
      const server = withDescendants(all, roots);
      this.memoryMb = Math.round(server.reduce((sum, one) => sum + one.rssBytes, 0) / 1024 / 1024);
      const isConnection = ({ pid, name }: Found) =>
        database !== undefined && name === "postgres" && isConnectionTo(database, pid);
      return [...server, ...all.filter(isConnection)];
    });
  }

  /** The CPU time that the work takes, with what it leaves to be done behind the answers. */
  async during<T>(work: () => Promise<T>): Promise<{ result: T; cpuMs: number }> {
    await this.#settled();
    const before = this.#cpuMs();
    const result = await work();
    await this.#settled();
    return { result, cpuMs: this.#cpuMs() - before };
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
