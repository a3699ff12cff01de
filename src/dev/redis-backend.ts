import { createClient } from "@redis/client";
import type { RedisReply, RedisStore } from "./redis-store.ts";

/** A real Redis behind the endpoint. */
export async function realRedis(url: string): Promise<RedisStore> {
  const client = createClient({ url });
  client.on("error", (error: Error) => console.warn(`redis: ${error.message}`));
  await client.connect();
  return {
    call: (command) => client.sendCommand(command) as Promise<RedisReply>,
    close: async () => {
      await client.close();
    },
  };
}
