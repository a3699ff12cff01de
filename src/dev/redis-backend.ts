import { createClient, ErrorReply, MultiErrorReply } from "@redis/client";
import { RedisAway, type RedisReply, type RedisStore } from "./redis-store.ts";

const CONNECT_MS = 2000;

/**
 * A real Redis behind the endpoint. While it is away commands fail at once; the client reconnects by
 * itself.
 */
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
  // One that is away at the start is not waited for any longer; the client goes on trying.
  const connecting = client.connect().catch(() => {});
  await Promise.race([connecting, new Promise((resolve) => setTimeout(resolve, CONNECT_MS))]);
  return {
    call: (command) => client.sendCommand(command).catch(orAway) as unknown as Promise<RedisReply>,
    async transaction(commands) {
      const multi = client.multi();
      for (const command of commands) multi.addCommand(command);
      try {
        return (await multi.exec()) as unknown as RedisReply[];
      } catch (error) {
        if (error instanceof MultiErrorReply) return error.replies as unknown as (RedisReply | ErrorReply)[];
        return orAway(error);
      }
    },
    async close() {
      client.destroy();
    },
  };
}

/** What Redis itself refuses stays as it is; anything else is a connection that is not there. */
function orAway(error: unknown): never {
  if (error instanceof ErrorReply) throw error;
  throw new RedisAway((error as Error).message, { cause: error });
}
