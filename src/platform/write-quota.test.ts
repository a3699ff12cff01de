import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { countWrite } from "./write-quota.ts";

it("refuses what is over the quota while Redis is being told of what came before", async () => {
  let asked: () => void;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  let answer: () => void;
  const server = createServer((_, reply) => {
    answer = () => reply.end(JSON.stringify([{ result: 3 }, { result: 1 }]));
    asked();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const quota = { redis: { url: `http://127.0.0.1:${port}`, token: "t" }, limit: 3 };
  const behind: Promise<unknown>[] = [];
  const write = () => countWrite(quota, "tenant", new Date(), (work) => void behind.push(work));
  for (let i = 0; i < 3; i++) write();
  await isAsked;
  expect(write).toThrow("3 writes per day");
  answer!();
  await Promise.all(behind);
  expect(write).toThrow("3 writes per day");
  server.close();
});
