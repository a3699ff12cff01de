export type Figure = {
  product: string;
  request: string;
  concurrency: number;
  cpu_ms: number;
  rps: number;
  p50_ms: number;
  p95_ms: number;
  memory_mb: number;
  bytes: number;
};

/** A line per request, a column per product; FlowCMS is measured beside each of the others: its median. */
export function showTable(figures: Figure[]): void {
  const products = [...new Set(figures.map(({ product }) => product))];
  console.log(
    `\nCPU ms (p50 / p95 ms)\n| | ${products.join(" | ")} |\n| - |${" - |".repeat(products.length)}`,
  );
  for (const line of new Set(figures.map(lineOf)))
    console.log(`| ${line} | ${products.map((product) => cellOf(figures, product, line)).join(" | ")} |`);
}

function cellOf(figures: Figure[], product: string, line: string): string {
  const its = figures.filter((one) => one.product === product && lineOf(one) === line);
  const median = its.toSorted((a, b) => a.cpu_ms - b.cpu_ms)[Math.floor((its.length - 1) / 2)];
  return median ? `${median.cpu_ms} (${median.p50_ms} / ${median.p95_ms})` : "–";
}

function lineOf({ request, concurrency }: Figure): string {
  return `${request}, ${concurrency}`;
}
