import { cutText } from "../cut-text.ts";

export type Counts = {
  seen: number;
  created: number;
  updated: number;
  unchanged: number;
  published: number;
  skipped: number;
  failed: number;
};
export type Note = { kind: string; id: string; title: string; reason: string };

/**
 * What an import did: every thing of the file is in `totals`, and everything that is not plain is in
 * `notes`.
 */
export type ImportReport = {
  ok: boolean;
  dry_run: boolean;
  totals: Record<string, Counts>;
  notes: Note[];
  failed: Note[];
  duration_ms: number;
};

export function emptyReport(isDryRun: boolean): ImportReport {
  return { ok: true, dry_run: isDryRun, totals: Object.create(null), notes: [], failed: [], duration_ms: 0 };
}

export function countsOf(report: ImportReport, kind: string): Counts {
  return (report.totals[kind] ??= {
    seen: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    published: 0,
    skipped: 0,
    failed: 0,
  });
}

/** The report as a table and lists for a person. */
export function printReport(report: ImportReport): string {
  const columns = ["seen", "created", "updated", "unchanged", "published", "skipped", "failed"] as const;
  const lines = [
    report.dry_run
      ? "Dry run: nothing was written."
      : `Imported in ${(report.duration_ms / 1000).toFixed(1)} s.`,
    "",
  ];
  lines.push(["".padEnd(14), ...columns.map((column) => column.padStart(10))].join(""));
  for (const [kind, counts] of Object.entries(report.totals)) {
    lines.push([kind.padEnd(14), ...columns.map((column) => String(counts[column]).padStart(10))].join(""));
  }
  const list = (title: string, notes: Note[]) => {
    if (notes.length === 0) return;
    lines.push(
      "",
      title,
      ...notes.map(
        ({ kind, id, title: name, reason }) =>
          `  ${kind} ${id}${name ? ` “${cutText(name, 60)}”` : ""}: ${reason}`,
      ),
    );
  };
  list("Notes", report.notes);
  list("Failed", report.failed);
  return `${lines.join("\n")}\n`;
}
