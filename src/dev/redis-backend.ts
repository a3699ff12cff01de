import { createClient, ErrorReply, MultiErrorReply } from "@redis/client";
import type { RedisReply, RedisStore } from "./redis-store.ts";

/** A real Redis behind the endpoint. While it is away commands fail at once; the client reconnects by itself. */
export async function realRedis(url: string): Promise<RedisStore> {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 2_000) },
  });
  let lastProblem = "";
  client.on("error", (error: Error) => {
    if (error.message !== lastProblem) console.warn(`redis: ${error.message}`);
    lastProblem = error.message;
  });
  client.on("ready", () => (lastProblem = ""));
  await client.connect();
  return {
    call: (command) => client.sendCommand(command) as Promise<RedisReply>,
    async transaction(commands) {
      const multi = client.multi();
      for (const command of commands) multi.addCommand(command);
      try {
        return (await multi.exec()) as unknown as RedisReply[];
      } catch (error) {
        if (error instanceof MultiErrorReply) return error.replies as unknown as (RedisReply | ErrorReply)[];
        throw error;
      }
    },
    async close() {
      client.destroy();
    },
  };
}
