import { wrongArity, type CommandTable, type RedisCommand } from "./redis-commands.ts";
import { createKeyspace, OUT_OF_MEMORY, type Keyspace, type RedisReply } from "./redis-keyspace.ts";
import { hashCommands, setCommands } from "./redis-store-hashes.ts";
import { keyCommands } from "./redis-store-keys.ts";
import { listCommands } from "./redis-store-lists.ts";
import { sortedSetCommands } from "./redis-store-sorted-sets.ts";
import { stringCommands } from "./redis-store-strings.ts";

export type { RedisReply } from "./redis-keyspace.ts";

/** One Redis command and its answer; errors are thrown with the server's own text. */
export interface RedisStore {
  call(command: string[]): Promise<RedisReply>;
  /**
   * All or, when a command does not exist or lacks arguments, none; nobody else's command runs in
   * between.
   */
  transaction(commands: string[][]): Promise<(RedisReply | Error)[]>;
  close(): Promise<void>;
}

/** The server cannot be reached now. */
export class RedisAway extends Error {}

const commands = new Map<string, RedisCommand>(
  Object.entries({
    ...keyCommands,
    ...stringCommands,
    ...hashCommands,
    ...setCommands,
    ...sortedSetCommands,
    ...listCommands,
  } satisfies CommandTable),
);

/** The embedded store: what FlowCMS uses of Redis, in memory, as the real server answers it. */
export function embeddedRedis(now: () => number = Date.now, maxBytes?: number): RedisStore {
  const space = createKeyspace(now, maxBytes);
  return {
    call: async (command) => run(space, command),
    async transaction(list) {
      for (const command of list) findCommand(command);
      return list.map((command) => {
        try {
          return run(space, command);
        } catch (error) {
          return error as Error;
        }
      });
    },
    async close() {},
  };
}

function run(space: Keyspace, command: string[]): RedisReply {
  const found = findCommand(command);
  const args = command.slice(1);
  if (found.grows && !space.makeRoom(estimate(args))) throw new Error(OUT_OF_MEMORY);
  return found.run(space, args);
}

function findCommand([name = "", ...args]: string[]): RedisCommand {
  const command = commands.get(name.toUpperCase());
  if (!command) {
    const shown = args.map((arg) => `'${arg.slice(0, 128)}' `).join("");
    throw new Error(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`);
  }
  const count = args.length + 1;
  if (command.arity < 0 ? count < -command.arity : count !== command.arity) throw wrongArity(name);
  return command;
}

function estimate(args: string[]): number {
  return args.reduce((sum, arg) => sum + arg.length + 48, 96);
}
