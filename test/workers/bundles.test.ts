import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { bundleSizes } from "../../src/dev/build.ts";

const FILE = new URL("../budgets.json", import.meta.url);
/** Compressors differ by a little between machines. */
const TOLERANCE = 1.01;

it("every Worker deploys in less than 1 MB, and in no more than the committed size", () => {
  const committed = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, number>;
  const sizes = Object.fromEntries(bundleSizes().map(({ name, gzipBytes }) => [name, gzipBytes]));
  for (const [name, bytes] of Object.entries(sizes)) {
    expect(bytes, name).toBeLessThan(1_000_000);
    expect(bytes, name).toBeLessThanOrEqual((committed[name] || Number.POSITIVE_INFINITY) * TOLERANCE);
  }
  if (
    !process.env["CI"] &&
    Object.entries(sizes).some(
      ([name, bytes]) => bytes < (committed[name] || Number.POSITIVE_INFINITY) * 0.99,
    )
  ) {
    writeFileSync(FILE, `${JSON.stringify(sizes, null, 2)}\n`);
  }
});
