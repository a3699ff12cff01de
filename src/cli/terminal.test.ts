import { describe, expect, it } from "vitest";
import { FlowError } from "../sdk/index.ts";
import { describeError } from "./terminal.ts";

describe("an error for a person", () => {
  it("says what was refused, where and in which request", () => {
    const details = [{ path: "title", message: "must be a text" }];
    const refusal = { code: "INVALID", reason: "content/invalid-entry", message: "Not valid.", details };
    expect(describeError(new FlowError(422, refusal, "req_1"))).toBe(
      "FlowCMS refused: Not valid. (content/invalid-entry, request req_1)\n  title: must be a text",
    );
  });

  it("says why FlowCMS was not reached, and that it refused nothing", () => {
    const cause = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
    const said = { code: "UNAVAILABLE", reason: "client/network", message: "FlowCMS cannot be reached." };
    expect(describeError(new FlowError(0, said, null, { cause }))).toBe(
      "FlowCMS cannot be reached: fetch failed: connect ECONNREFUSED 127.0.0.1:1",
    );
  });
});
