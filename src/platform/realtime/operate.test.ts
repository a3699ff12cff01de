import { expect, it, vi } from "vitest";
import { operate, type Shop } from "./operate.ts";
import { newRoom } from "./room.ts";
import { newSeat } from "./seat.ts";

it("ends an operation that fails, and not the socket", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const seat = newSeat({ serializeAttachment: () => {} } as unknown as WebSocket, {
    tenants: [],
    address: null,
    environment: null,
    at: 0,
  });
  seat.subscriber = {
    tenantId: "ten_1",
    environmentId: "env_1",
    from: seat.arrival,
    identity: { kind: "token", id: "tok_1" },
    seesAs: "all",
    endsAt: null,
  };
  const [sent, closed]: [any[], unknown[]] = [[], []];
  const shop = {
    desk: { plan: () => Promise.reject(new Error("CONTENT answered 500 to plan.")) },
    standing: new Map(),
    send: (_: unknown, frame: string) => sent.push(JSON.parse(frame)),
    close: (_: unknown, why: unknown) => closed.push(why),
    drop: (_: unknown, id: string) => seat.operations.delete(id),
  } as unknown as Shop;
  await operate(shop, { room: newRoom("hub"), seat, id: "1", payload: { query: "subscription { a }" } });
  expect(sent.map(({ id, type, payload }) => [id, type, payload[0].extensions.reason])).toEqual([
    ["1", "error", "realtime/failed"],
  ]);
  expect([closed, seat.operations.size]).toEqual([[], 0]);
  expect(logged).toHaveBeenCalledOnce();
  logged.mockRestore();
});
