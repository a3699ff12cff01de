import { pairing } from "./pair-values.ts";

type Form = "exact" | "look";

/**
 * A component in a document: a block, or a mark with all the text next to each other that has it with the
 * same values. `exact` and `look` are texts of its values, with and without those of which grants speak.
 */
export type Range = { kind: string; text: string } & Record<Form, string>;

type Pairing = ReturnType<typeof pairing<Range>>;
const MOST_PIECES = 100;

/**
 * For each range the stored one that it is, or was split off; -1 for a new one. `joined` are stored ones
 * which are, with the same values, in one that is another's.
 */
export function pairRanges(
  before: readonly Range[],
  after: readonly Range[],
): { same: number[]; joined: Set<number> } {
  const pairs = pairing(before, after);
  const owners = new Map<number, number>();
  const withText = (form: Form) => {
    pairs.byKey((one) => JSON.stringify([one[form], one.text]));
    takeSplit(pairs, before, after, form);
    takeJoined(pairs, owners, before, after, form);
  };
  withText("exact");
  // Values of which grants speak say which one it is, wherever it is now.
  pairs.byKey((one) => (one.exact === one.look ? undefined : one.exact));
  withText("look");
  pairs.byKey((one) => one.look);
  takePieces(pairs, before, after);
  pairs.byKey((one) => (one.text === "" ? undefined : JSON.stringify([one.kind, one.text])));
  takePlaces(pairs, owners, before, after);
  findJoined(pairs, owners, before, after);
  return { same: pairs.found, joined: new Set(owners.keys()) };
}

/** One stored range that is now several. */
function takeSplit(pairs: Pairing, before: readonly Range[], after: readonly Range[], form: Form): void {
  const pieces = Map.groupBy(pairs.freeAfter(), (i) => after[i]![form]);
  const wholes = wholesIn(pairs.freeBefore(), before, form);
  for (const [j, parts] of covered(pieces.values(), after, form, wholes))
    for (const i of parts) pairs.take(i, j);
}

/** Several stored ranges with the same values that are now one. */
function takeJoined(
  pairs: Pairing,
  owners: Map<number, number>,
  before: readonly Range[],
  after: readonly Range[],
  form: Form,
): void {
  const pieces = Map.groupBy(pairs.freeBefore(), (j) => before[j]!.exact);
  const wholes = wholesIn(pairs.freeAfter(), after, form);
  for (const [i, [first, ...others]] of covered(pieces.values(), before, form, wholes)) {
    pairs.take(i, first);
    for (const j of others) {
      pairs.taken.add(j);
      owners.set(j, i);
    }
  }
}

const wholesIn = (places: number[], ranges: readonly Range[], form: Form) =>
  Map.groupBy(places.toReversed(), (place) => JSON.stringify([ranges[place]![form], ranges[place]!.text]));

/** Which ranges that follow each other have, together, the text of a whole one. */
function covered(
  groups: Iterable<number[]>,
  pieces: readonly Range[],
  form: Form,
  wholes: Map<string, number[]>,
): [whole: number, pieces: number[]][] {
  const lengths = new Set([...wholes.keys()].map((key) => (JSON.parse(key) as string[])[1]!.length));
  const found: [number, number[]][] = [];
  const from = (group: number[], start: number): number => {
    let text = "";
    for (const [n, place] of group.slice(start, start + MOST_PIECES).entries()) {
      text += pieces[place]!.text;
      if (n === 0 || text === "" || !lengths.has(text.length)) continue;
      const whole = wholes.get(JSON.stringify([pieces[place]![form], text]))?.pop();
      if (whole === undefined) continue;
      found.push([whole, group.slice(start, start + n + 1)]);
      return n + 1;
    }
    return 1;
  };
  for (const group of groups) for (let start = 0; start < group.length;) start += from(group, start);
  return found;
}

/** Pieces of a stored range that another one is, too, with text that was typed in between. */
function takePieces(pairs: Pairing, before: readonly Range[], after: readonly Range[]): void {
  for (const group of Map.groupBy(after.keys(), (i) => after[i]!.look).values()) {
    let j = -1;
    let rest = "";
    for (const i of group) {
      const { text } = after[i]!;
      if (pairs.found[i] !== -1) {
        rest = behind(j === pairs.found[i] ? rest : before[pairs.found[i]!]!.text, text);
        j = pairs.found[i]!;
      } else if (j !== -1 && text !== "" && rest.includes(text)) {
        pairs.take(i, j);
        rest = behind(rest, text);
      }
    }
  }
}

/** Stored ranges that nothing took, whose text is in the one that was before them. */
function findJoined(
  pairs: Pairing,
  owners: Map<number, number>,
  before: readonly Range[],
  after: readonly Range[],
): void {
  const takers = new Map(pairs.found.map((j, i) => [j, i]));
  for (const group of Map.groupBy(before.keys(), (j) => before[j]!.exact).values()) {
    let i: number | undefined;
    let rest = "";
    for (const j of group) {
      const { text } = before[j]!;
      const taker = takers.get(j) ?? owners.get(j);
      if (taker !== undefined) {
        rest = behind(i === taker ? rest : after[taker]!.text, text);
        i = taker;
      } else if (i !== undefined && text !== "" && rest.includes(text)) {
        owners.set(j, i);
        rest = behind(rest, text);
      }
    }
  }
}

const behind = (text: string, part: string): string => {
  const at = text.indexOf(part);
  return at === -1 ? text : text.slice(at + part.length);
};

/** One of the same kind behind the one that is before it, or else at its place. */
function takePlaces(
  { found, taken, take, freeAfter }: Pairing,
  owners: Map<number, number>,
  before: readonly Range[],
  after: readonly Range[],
): void {
  for (const i of freeAfter()) {
    const last = found[i - 1] ?? -1;
    let next = last === -1 ? i : last + 1;
    while (owners.has(next)) next++;
    const isFree = (j: number) => !taken.has(j) && before[j]?.kind === after[i]!.kind;
    take(i, [next, i].find(isFree));
  }
}
