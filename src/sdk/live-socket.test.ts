import { expect, it } from "vitest";
import { Client } from "./index.ts";

it("subscribes again, on the same socket, to what failed on the other side", async () => {
  const [opened, asked]: [number[], any[]] = [[], []];
  class Answering extends EventTarget {
    constructor() {
      super();
      opened.push(1);
      queueMicrotask(() => this.dispatchEvent(new Event("open")));
    }
    tell(message: object) {
      queueMicrotask(() =>
        this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) })),
      );
    }
    send(text: string) {
      const { type, id } = JSON.parse(text);
      if (type === "connection_init") this.tell({ type: "connection_ack", payload: { since: "0.7" } });
      if (type !== "subscribe") return;
      asked.push(JSON.parse(text));
      const errors = [{ message: "Failed.", extensions: { code: "UNAVAILABLE", reason: "realtime/failed" } }];
      if (asked.length === 1) this.tell({ id, type: "error", payload: errors });
      else this.tell({ type: "pong", payload: { standing: id } });
    }
    close() {}
  }
  const flow = new Client({
    url: "http://127.0.0.1",
    apiKey: "flow_read_x",
    webSocket: Answering as unknown as typeof WebSocket,
  });
  const changes = flow.subscribe("subscription { assetChanged { id } }");
  await changes.ready;
  expect(opened).toHaveLength(1);
  expect(asked.map(({ id, payload }) => [id, payload.extensions?.since])).toEqual([
    ["1", undefined],
    ["1", "0.7"],
  ]);
  changes.close();
});
