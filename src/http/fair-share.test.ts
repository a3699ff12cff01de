import { expect, it } from "vitest";
import type { EventMessage } from "../platform/content-env.ts";
import { fairShare } from "./fair-share.ts";

const messageOf = (tenant: string, count: number) => {
  const message = {
    body: { tenant, ids: Array.from({ length: count }, (_, i) => String(i)) },
    isDone: false,
    ack: () => void (message.isDone = true),
  };
  return message;
};
const share = async (
  messages: ReturnType<typeof messageOf>[],
  sendBatch: (sent: { body: EventMessage }[]) => Promise<void>,
) => (await fairShare(messages as never, { sendBatch } as never, 500)) as unknown as typeof messages;

it("a tenant with many events has its share of a batch, and the rest goes behind the others", async () => {
  const many = Array.from({ length: 9 }, () => messageOf("many", 500));
  const few = [messageOf("few", 1), messageOf("few", 2)];
  const again: EventMessage[] = [];
  const now = await share(
    [...many, ...few],
    async (sent) => void again.push(...sent.map(({ body }) => body)),
  );
  expect(now).toEqual([many[0], ...few]);
  expect(again).toEqual(many.slice(1).map(({ body }) => body));
  expect([...many, ...few].map(({ isDone }) => isDone)).toEqual([
    false,
    ...many.slice(1).map(() => true),
    false,
    false,
  ]);
});

it("a message larger than a share is handled all the same, and none is lost when the queue is down", async () => {
  expect(await share([messageOf("one", 2000)], async () => {})).toHaveLength(1);
  const [first, second] = [messageOf("one", 500), messageOf("one", 500)];
  await expect(share([first, second], () => Promise.reject(new Error("down")))).rejects.toThrow("down");
  expect([first.isDone, second.isDone]).toEqual([false, false]);
});
