import type { OperationFacts } from "../../src/core/operation.ts";
import type { Reply, Tenant } from "./tenant.ts";

const EXAMPLE_RECEIPT = "rcp_00000000000110000000000022";

/**
 * Sends the example of every operation in order. Ids that the server chose stand in for those that
 * the examples show.
 */
export async function runExamples(
  tenant: Tenant,
  operations: readonly OperationFacts[],
  check: (operation: OperationFacts, reply: Reply) => void,
): Promise<void> {
  const ids = new Map<string, string>();
  const real = (text: string) => [...ids].reduce((at, [shown, own]) => at.replaceAll(shown, own), text);
  for (const operation of inOrder(operations)) {
    const { method, path, example } = operation;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => real(example.params?.[name] ?? ""));
    const query = new URLSearchParams(Object.entries(example.query ?? {}).map(([k, v]) => [k, real(v)]));
    if (operation.isFile) {
      const { status, headers } = await tenant.bytes(filled);
      check(operation, { status, headers, body: undefined, text: "" });
      continue;
    }
    const reply = await tenant.call(method.toUpperCase(), `${filled}${query.size > 0 ? `?${query}` : ""}`, {
      ...(example.request === undefined ? {} : { raw: real(JSON.stringify(example.request)) }),
      ...(operation.permission === null ? { token: null } : {}),
      headers: { ...example.headers },
    });
    const [shown, own] = [idOf(example.response), idOf(reply.body?.data)];
    // Of lists only what no operation makes: people.
    if (shown && own && (!Array.isArray(example.response) || shown.startsWith("usr_"))) ids.set(shown, own);
    const receipt = reply.body?.receipt as string | undefined;
    if (receipt !== undefined) ids.set(EXAMPLE_RECEIPT, receipt);
    check(operation, reply);
  }
}

/** The id of what is shown, or of the first that is listed. */
function idOf(shown: unknown): string | undefined {
  const id = ((Array.isArray(shown) ? shown[0] : shown) as { id?: unknown } | undefined)?.id;
  return typeof id === "string" ? id : undefined;
}

/** The operations in the order in which their examples work: deletions last and in reverse. */
export function inOrder(operations: readonly OperationFacts[]): OperationFacts[] {
  const isDeletion = ({ method }: OperationFacts) => method === "delete";
  return [...operations.filter((one) => !isDeletion(one)), ...operations.filter(isDeletion).toReversed()];
}
