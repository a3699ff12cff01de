/** Rows under their headings, in columns. */
export function table(headings: string[], rows: (string | null | undefined)[][]): string {
  const all = [headings, ...rows.map((row) => row.map((cell) => cell ?? ""))];
  const widths = headings.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
