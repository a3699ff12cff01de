import type { Client } from "../../sdk/index.ts";
import { orReport } from "../import/or-report.ts";
import type { ImportReport } from "../import/report.ts";

/**
 * Puts the entries of an ordered type into the order of the folder, which `ids` have. Those that stand
 * right stay where they are: as few as can be are moved, one after the other.
 */
export async function restoreOrder(
  client: Client,
  type: string,
  ids: readonly string[],
  report: ImportReport,
): Promise<void> {
  const placeOf = new Map<string, number>();
  const query = { perspective: "draft", sort: ["order"], fields: ["id"] } as const;
  for await (const { id } of client.content.iterate(type, query)) placeOf.set(id, placeOf.size);
  const there = ids.filter((id) => placeOf.has(id));
  const staying = longestRising(there.map((id) => placeOf.get(id)!));
  for (const [i, id] of there.entries()) {
    if (staying.has(i)) continue;
    const to = i > 0 ? { after: there[i - 1]! } : { before: there[[...staying][0]!]! };
    await orReport(report, { kind: type, id, title: "" }, async () => {
      await client.content.move(type, id, to);
    });
  }
}

/** The indexes of a longest rising subsequence, in their order. */
function longestRising(numbers: readonly number[]): Set<number> {
  const ends: number[] = [];
  const before: number[] = [];
  for (const [i, number] of numbers.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]!]! < number) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? ends[low - 1]! : -1;
    ends[low] = i;
  }
  const found: number[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) found.push(i);
  return new Set(found.toReversed());
}
