import { describe, expect, it } from "vitest";
import { newRestarts } from "./restarts.ts";

describe("restarts", () => {
  it("are said, five within a minute, and no more than that", () => {
    const lines: string[] = [];
    let now = 0;
    const restarts = newRestarts(
      (line) => lines.push(line),
      () => now,
    );
    for (let i = 0; i < 5; i++) restarts.count("Postgres", "killed");
    expect(lines).toHaveLength(5);
    expect(lines[4]).toContain("Postgres ended unexpectedly (killed)");
    expect(() => restarts.count("workerd", "killed")).toThrow("workerd ended 6 times within a minute");
    now = 60_001;
    restarts.count("Postgres", "killed");
    expect(lines).toHaveLength(6);
  });
});
