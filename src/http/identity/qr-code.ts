import { encode } from "uqr";
import { html } from "./page.ts";

/** White modules around the code, without which readers do not find it. */
const QUIET = 4;
const MODULE_PX = 4;

/** A text as a QR code: SVG that needs no script, black on white whatever the page's colours are. */
export function qrCode(text: string, label: string) {
  const { data, size } = encode(text, { ecc: "M", border: 0 });
  const whole = size + 2 * QUIET;
  return html`<svg
    class="qr"
    role="img"
    aria-label="${label}"
    width="${whole * MODULE_PX}"
    height="${whole * MODULE_PX}"
    viewBox="0 0 ${whole} ${whole}"
    shape-rendering="crispEdges"
  >
    <rect width="${whole}" height="${whole}" fill="#fff" />
    <path fill="#000" d="${data.flatMap(runsOf).join("")}" />
  </svg>`;
}

/** The black runs of a row as closed paths. */
function runsOf(row: boolean[], y: number): string[] {
  const paths: string[] = [];
  for (let x = 0; x < row.length; x++) {
    const from = x;
    while (row[x] === true) x++;
    if (x > from) paths.push(`M${from + QUIET} ${y + QUIET}h${x - from}v1h${from - x}z`);
  }
  return paths;
}
