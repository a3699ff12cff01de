import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DependencyDown, newDependency } from "./dependency.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const fail = () => Promise.reject(new TypeError("connect ECONNREFUSED 10.0.0.7"));
const succeed = () => Promise.resolve("here");
async function broken() {
  const dependency = newDependency("postgres");
  for (let i = 0; i < 5; i++) await expect(dependency.run(fail)).rejects.toThrow(TypeError);
  return dependency;
}

describe("a dependency", () => {
  it("is not asked any more after five failures in a row, and fails at once", async () => {
    const dependency = await broken();
    const work = vi.fn(succeed);
    await expect(dependency.run(work)).rejects.toThrow(DependencyDown);
    expect(work).not.toHaveBeenCalled();
    expect(dependency.state()).toEqual({
      ...{ state: "open", since: new Date(1_000_000).toISOString() },
      last_error: "unreachable",
    });
  });

  it("is tried by one caller a moment later; the others do not wait for it", async () => {
    const dependency = await broken();
    vi.advanceTimersByTime(250);
    let end!: (value: string) => void;
    const probe = dependency.run(() => new Promise<string>((resolve) => (end = resolve)));
    await expect(dependency.run(succeed)).rejects.toThrow(DependencyDown);
    expect(dependency.state().state).toBe("half_open");
    end("back");
    expect(await probe).toBe("back");
    expect(dependency.state().state).toBe("closed");
    expect(await dependency.run(succeed)).toBe("here");
  });

  it("is left alone again when the trial fails", async () => {
    const dependency = await broken();
    vi.advanceTimersByTime(250);
    await expect(dependency.run(fail)).rejects.toThrow(TypeError);
    await expect(dependency.run(succeed)).rejects.toThrow(DependencyDown);
  });

  it("is asked again when the request that tried it was cut off", async () => {
    const dependency = await broken();
    vi.advanceTimersByTime(250);
    void dependency.run(() => new Promise(() => {}));
    await expect(dependency.run(succeed)).rejects.toThrow(DependencyDown);
    vi.advanceTimersByTime(1001);
    expect(await dependency.run(succeed)).toBe("here");
    expect(dependency.state().state).toBe("closed");
  });

  it("has failed when it takes too long, and hears that nobody waits", async () => {
    const dependency = newDependency("redis");
    let heard: AbortSignal | undefined;
    const asked = dependency.run((signal) => ((heard = signal), new Promise(() => {})), 500);
    const seen = expect(asked).rejects.toThrow("timed out");
    await vi.advanceTimersByTimeAsync(500);
    await seen;
    expect(heard!.aborted).toBe(true);
    expect(dependency.state().last_error).toBe("timeout");
  });

  it("is not blamed for a caller's own error, and answers can be failures", async () => {
    const own = newDependency("a", { isFailure: (error) => !(error instanceof RangeError) });
    for (let i = 0; i < 9; i++)
      await expect(own.run(() => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
    expect(own.state()).toMatchObject({ state: "closed", last_error: null });
    const answers = newDependency("b", {
      failureOf: (answer) => ((answer as Response).status >= 500 ? "503" : undefined),
    });
    for (let i = 0; i < 5; i++)
      expect((await answers.run(async () => new Response("", { status: 503 }))).status).toBe(503);
    expect(answers.state()).toMatchObject({ state: "open", last_error: "503" });
  });
});
