import { sameValue } from "../../../../core/same-value.ts";
import type { CustomIn } from "../../types/index.ts";

/** The places of parts that are one: a block, or a mark with the same values on text next to each other. */
export type Run = number[];

type Seam = { type: string; texts: [before: string, after: string] };

export const textOf = (parts: readonly CustomIn[], run: Run): string =>
  run.map((place) => textOn(parts[place]!)).join("");

// What is not text, such as an image, is one character, as in Unicode.
const textOn = ({ on }: CustomIn): string => (on ? (on.text ?? "\uFFFC") : "");

/** The marks and blocks of a document, in order, each with all the nodes that it is on. */
export function runsOf(parts: readonly CustomIn[]): Run[] {
  const runs: Run[] = [];
  const open = new Map<unknown, Run[]>();
  parts.forEach((part, place) => {
    const goesOn = (run: Run) =>
      parts[run[0]!]!.type === part.type && sameValue(parts[run[0]!]!.attrs, part.attrs);
    const before = part.behind && open.get(part.behind)?.find(goesOn);
    const isMore = before && parts[before.at(-1)!]!.on === part.behind;
    const run = isMore ? before : [];
    run.push(place);
    if (!isMore) runs.push(run);
    if (part.on) open.set(part.on, [...(open.get(part.on) ?? []), run]);
  });
  return runs;
}

/** Where, in a document, two marks of a kind with different values are next to each other. */
export function seamsOf(parts: readonly CustomIn[], runs: readonly Run[]): Seam[] {
  const byEnd = Map.groupBy(runs, (run) => parts[run.at(-1)!]!.on);
  return runs.flatMap((run) => {
    const { type, behind } = parts[run[0]!]!;
    const others = behind ? (byEnd.get(behind) ?? []) : [];
    return others
      .filter((other) => parts[other[0]!]!.type === type)
      .map((other): Seam => ({ type, texts: [textOf(parts, other), textOf(parts, run)] }));
  });
}

/** Runs that are cut where two were next to each other: to who does not see all values they look like one. */
export function cutAt(seams: readonly Seam[], parts: readonly CustomIn[], runs: readonly Run[]): Run[] {
  if (seams.length === 0) return [...runs];
  const isKnown = (side: 0 | 1) => {
    const known = new Set(seams.map(({ type, texts }) => `${type} ${texts[side]}`));
    const lengths = new Set(seams.map(({ texts }) => texts[side].length));
    // The length first: a long text is not read again for each of its pieces.
    return (type: string, text: string) => lengths.has(text.length) && known.has(`${type} ${text}`);
  };
  const [isEnd, isStart] = [isKnown(0), isKnown(1)];
  return runs.flatMap((run) => {
    const { type } = parts[run[0]!]!;
    const cut: Run[] = [];
    let rest = textOf(parts, run);
    let text = "";
    let open: Run = [];
    for (const place of run) {
      const here = textOn(parts[place]!);
      open.push(place);
      text += here;
      rest = rest.slice(here.length);
      if (rest !== "" && !isEnd(type, text) && !isStart(type, rest)) continue;
      cut.push(open);
      open = [];
      text = "";
    }
    return cut;
  });
}
