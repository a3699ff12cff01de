import type { Figure } from "./measure.ts";

const COLUMNS: [title: string, of: (figure: Figure) => string | number | null][] = [
  ["", ({ name }) => name],
  ["at once", ({ concurrency }) => concurrency],
  ["answers/s", ({ rps }) => rps || null],
  ["p50 ms", ({ p50_ms }) => p50_ms],
  ["p95 ms", ({ p95_ms }) => p95_ms],
  ["p99 ms", ({ p99_ms }) => p99_ms],
  ["CPU ms", ({ cpu_ms }) => cpu_ms || null],
  ["KB", ({ allocated_kb }) => allocated_kb],
  ["beside", ({ against }) => against],
  ["rate", ({ ratio }) => ratio],
  ["CPU", ({ cpu_ratio }) => cpu_ratio],
  ["KB", ({ allocated_ratio }) => allocated_ratio],
];

/** The figures as the README's table. */
export function toMarkdown(figures: Figure[]): string {
  const line = (cells: (string | number | null)[]) => `| ${cells.map((cell) => cell ?? "").join(" | ")} |`;
  return [
    line(COLUMNS.map(([title]) => title)),
    line(COLUMNS.map(() => "---")),
    ...figures.map((figure) => line(COLUMNS.map(([, of]) => of(figure)))),
  ].join("\n");
}
