import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { afterAll, expect, it } from "vitest";
import { writeSdk } from "./sdk-modules.ts";

const folder = mkdtempSync(join(tmpdir(), "flow-sdk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textsIn = (place: string) =>
  Object.fromEntries(readdirSync(place).map((name) => [name, readFileSync(join(place, name), "utf8")]));

it("the generated half of the client is that of the operations: npm run generate", () => {
  writeSdk(folder);
  expect(textsIn(join(import.meta.dirname, "../../sdk/generated"))).toEqual(textsIn(folder));
});
