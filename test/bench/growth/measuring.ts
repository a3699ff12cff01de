import { connect } from "../../../src/db/client.ts";
import type { Stack } from "../../../src/dev/stack.ts";
import { drained } from "../drained.ts";
import { stackCpuMs } from "../processes.ts";
import { runLoad } from "../run-load.ts";

/** CPU of the whole stack for one request, where there are so many entries, types and tenants. */
export type Figure = {
  name: string;
  entries: number;
  types: number;
  tenants: number;
  requests: number;
  cpu_ms: number;
};
export type Scale = Pick<Figure, "entries" | "types" | "tenants">;

const CONCURRENCY = 4;
const figures: Figure[] = [];

export const allFigures = (): Figure[] => figures;

/** Measures requests that are all answered 200. */
export async function measure(
  { stack, tenantId, ms }: { stack: Stack; tenantId: string; ms: number },
  name: string,
  scale: Scale,
  requests: string[],
  max = 1e9,
): Promise<void> {
  const port = Number(new URL(stack.url).port);
  const { ownerUrl } = stack.databases;
  await drained(ownerUrl, tenantId);
  await runLoad({ port, concurrency: CONCURRENCY, ms: 1000, max: Math.min(max, 200) / 10 }, requests);
  await drained(ownerUrl, tenantId);
  const before = stackCpuMs();
  const load = { port, concurrency: CONCURRENCY, ms: max < 1e9 ? 120_000 : ms, max };
  const { latenciesMs, statuses } = await runLoad(load, requests);
  await drained(ownerUrl, tenantId);
  const cpu = stackCpuMs() - before;
  const done = latenciesMs.length;
  if (statuses["200"] !== done) throw new Error(`${name} was answered ${JSON.stringify(statuses)}.`);
  note({ name, ...scale, requests: done, cpu_ms: cpu / done });
}

/** Keeps a figure and prints it beside the first one of its name. */
export function note(figure: Figure): void {
  figures.push(figure);
  const like = figures.find(({ name }) => name === figure.name)!;
  console.log(
    `${figure.name.padEnd(26)} ${String(figure.entries).padStart(8)} entries ${String(figure.types).padStart(4)} types ` +
      `${String(figure.tenants).padStart(5)} tenants  ${figure.cpu_ms.toFixed(2).padStart(7)} ms  ` +
      `×${(figure.cpu_ms / like.cpu_ms).toFixed(2)}  (${figure.requests} requests)`,
  );
}

export const analyze = (stack: Stack) => connect(stack.databases.ownerUrl).query("analyze");
