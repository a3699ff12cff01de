/** V8's inspector of one Worker. */
type Inspector = { name: string; call(method: string, params?: object): Promise<any>; close(): void };

type Usage = { usedSize: number; backingStorageSize: number };

const ANSWER_MS = 2000;
const OURS = "core:user:flowcms-";

/** The inspectors of all our Workers, by the address that serves them. */
export async function inspectWorkers(host: string): Promise<Inspector[]> {
  const targets = (await (await fetch(`http://${host}/json`)).json()) as {
    id: string;
    webSocketDebuggerUrl: string;
  }[];
  const ours = targets.filter(({ id }) => id.startsWith(OURS));
  return Promise.all(ours.map((one) => inspect(one.id.slice(OURS.length), one.webSocketDebuggerUrl)));
}

/** What is in use of each Worker's heap, megabytes, garbage included; a Worker that is asleep does not say. */
export async function heapsInUseMb(inspectors: Inspector[]): Promise<Record<string, number>> {
  const used: Record<string, number> = {};
  await Promise.all(
    inspectors.map(async ({ name, call }) => {
      const asleep = new Promise<undefined>((resolve) => setTimeout(resolve, ANSWER_MS, undefined));
      const usage = (await Promise.race([call("Runtime.getHeapUsage"), asleep])) as Usage | undefined;
      if (usage) used[name] = Number(((usage.usedSize + usage.backingStorageSize) / 1024 / 1024).toFixed(1));
    }),
  );
  return used;
}

async function inspect(name: string, url: string): Promise<Inspector> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: unknown) => void>();
  let last = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(data as string) as { id: number; result: unknown };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return {
    name,
    call: (method, params = {}) =>
      new Promise((resolve) => {
        waiting.set(++last, resolve);
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    close: () => socket.close(),
  };
}
