const FLOOR_MICROS = 5_000;
const TRIES = 3;

/**
 * How the work of a call grows with the size of its input, as a power: 1 when twice the input takes
 * twice the work, 2 when it takes four times as much. Measured as CPU time of this process, so that
 * it says the same on a slow or busy machine; the least of a few tries, and what takes no time at all
 * grows not at all.
 */
export function growthOf(work: (size: number) => void, small: number, large: number): number {
  const least = (size: number) =>
    Math.min(...Array.from({ length: TRIES }, () => cpuMicros(() => work(size))));
  work(small);
  const [before, after] = [least(small), least(large)].map((micros) => Math.max(micros, FLOOR_MICROS));
  return Math.log(after! / before!) / Math.log(large / small);
}

function cpuMicros(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
