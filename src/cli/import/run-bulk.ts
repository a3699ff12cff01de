import {
  FlowError,
  type AnySchema,
  type BulkItem,
  type BulkOperation,
  type Client,
} from "../../sdk/index.ts";

const MAX_OPERATIONS = 100;
const MAX_BYTES = 1024 * 1024;
/** What another try with fewer operations would not change. */
const HOPELESS = new Set([0, 401, 403, 429, 502, 503, 504]);

type Operation = BulkOperation<AnySchema>;

/**
 * Things in groups that one bulk takes, by the operation of each; what has none is in a group of its
 * own.
 */
export async function* inBulks<T>(
  things: Iterable<T> | AsyncIterable<T>,
  operationOf: (thing: T) => Operation | undefined,
): AsyncGenerator<T[]> {
  let group: T[] = [];
  let groupBytes = 0;
  for await (const thing of things) {
    const operation = operationOf(thing);
    if (!operation) {
      yield [thing];
      continue;
    }
    const bytes = Buffer.byteLength(JSON.stringify(operation));
    if (group.length === MAX_OPERATIONS || (group.length > 0 && groupBytes + bytes > MAX_BYTES)) {
      yield group;
      [group, groupBytes] = [[], 0];
    }
    group.push(thing);
    groupBytes += bytes;
  }
  if (group.length > 0) yield group;
}

/**
 * Does operations, each for itself, and answers in their order what became of them. What is refused
 * as a whole is done in halves, so that one operation's fault stays its own; a refused token throws.
 */
export async function runBulk(client: Client, operations: Operation[]): Promise<BulkItem<AnySchema>[]> {
  if (operations.length === 0) return [];
  try {
    return (await client.content.bulk(operations, { atomic: false })).items;
  } catch (error) {
    if (!(error instanceof FlowError) || error.status === 401 || error.status === 403) throw error;
    if (operations.length === 1 || HOPELESS.has(error.status)) {
      const { code, reason, message, details } = error;
      return operations.map(({ id = "" }, index) => ({
        index,
        id,
        outcome: "failed",
        error: { code, reason, message, details },
      }));
    }
    const half = Math.ceil(operations.length / 2);
    const first = await runBulk(client, operations.slice(0, half));
    return [...first, ...(await runBulk(client, operations.slice(half)))];
  }
}
