import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../src/dev/build.ts";
import type { Figure } from "./measuring.ts";

type Scale = "entries" | "types" | "tenants";
type Line = { label: string; points: { x: number; y: number }[] };

const CHARTS: { file: string; title: string; by: Scale; lines: Record<string, string> }[] = [
  {
    file: "growth-entries",
    title: "CPU of a request, by entries",
    by: "entries",
    lines: { list_by_entries: "list of 10, uncached", write_by_entries: "write" },
  },
  {
    file: "growth-types",
    title: "CPU of a request, by content types",
    by: "types",
    lines: {
      rest_list: "list of 10, uncached",
      graphql_list: "the same by GraphQL",
      write: "write",
      publish: "publish",
    },
  },
  {
    file: "growth-tenants",
    title: "CPU of a request, by tenants",
    by: "tenants",
    lines: { rest_list_by_tenants: "list of 10, uncached", graphql_list_by_tenants: "the same by GraphQL" },
  },
];
const [WIDTH, HEIGHT] = [640, 300];
const PLOT = { left: 60, right: 590, top: 50, bottom: 220 };
/** They are told apart in light and dark, and by who sees no red or green. */
const COLOURS = ["#3b82f6", "#d97706", "#8b5cf6", "#0d9488"];

/** Writes one SVG for each kind of growth into docs/images. */
export function drawGrowth(figures: Figure[]): void {
  const folder = join(ROOT, "docs/images");
  mkdirSync(folder, { recursive: true });
  for (const { file, title, by, lines } of CHARTS) {
    const drawn = Object.entries(lines).flatMap(([name, label]): Line[] => {
      const points = figures
        .filter((figure) => figure.name === name)
        .map((figure) => ({ x: figure[by], y: figure.cpu_ms }));
      return points.length > 0 ? [{ label, points }] : [];
    });
    if (drawn.length > 0) writeFileSync(join(folder, `${file}.svg`), chart(title, by, drawn));
  }
}

/** A chart with a logarithmic scale across and milliseconds of CPU upward. */
function chart(title: string, by: Scale, lines: Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = [...new Set(all.map(({ x }) => x))].sort((a, b) => a - b);
  const most = niceTop(Math.max(...all.map(({ y }) => y)));
  const [low, high] = [Math.log(xs[0]!), Math.log(xs.at(-1)!)];
  const across = (x: number) =>
    PLOT.left + ((Math.log(x) - low) / (high - low || 1)) * (PLOT.right - PLOT.left);
  const up = (y: number) => PLOT.bottom - (y / most) * (PLOT.bottom - PLOT.top);
  const grid = [0, 1, 2, 3, 4].map((i) => {
    const y = (most * i) / 4;
    return (
      `  <line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${fixed(up(y))}" y2="${fixed(up(y))}"/>\n` +
      `  <text x="${PLOT.left - 8}" y="${fixed(up(y) + 4)}" text-anchor="end">${Number(y.toFixed(2))}</text>\n`
    );
  });
  const ticks = xs.map(
    (x) =>
      `  <text x="${fixed(across(x))}" y="${PLOT.bottom + 20}" text-anchor="middle">${x.toLocaleString("en")}</text>\n`,
  );
  const drawn = lines.map(({ label, points }, i) => {
    const colour = COLOURS[i]!;
    const path = points.map(({ x, y }) => `${fixed(across(x))},${fixed(up(y))}`).join(" ");
    const dots = points
      .map(
        ({ x, y }) =>
          `  <circle cx="${fixed(across(x))}" cy="${fixed(up(y))}" r="4" fill="${colour}"><title>${x.toLocaleString("en")} ${by}: ${y.toFixed(2)} ms</title></circle>\n`,
      )
      .join("");
    const [column, row] = [PLOT.left + (i % 2) * 260, PLOT.bottom + 46 + Math.floor(i / 2) * 20];
    return (
      `  <polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>\n${dots}` +
      `  <rect x="${column}" y="${row - 9}" width="10" height="10" fill="${colour}"/>\n` +
      `  <text x="${column + 16}" y="${row}">${label}</text>\n`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${title}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #57606a; }
    .title { font-size: 15px; font-weight: 600; }
    .grid { stroke: #8b949e; stroke-opacity: 0.35; }
    @media (prefers-color-scheme: dark) { text { fill: #c9d1d9; } }
  </style>
  <text class="title" x="${PLOT.left}" y="24">${title} (ms)</text>
${grid.join("")}${ticks.join("")}${drawn.join("")}</svg>
`;
}

const fixed = (value: number): string => value.toFixed(1);

/** A round number above the highest value. */
function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((n) => n * unit).find((top) => top >= value)!;
}
