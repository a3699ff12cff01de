import { connect as connectTo, createServer, type Server, type Socket } from "node:net";

/** The way to a server, which can be taken away and given back. */
export async function newWay(target: URL) {
  const open = new Set<Socket>();
  let faultShare = 0;
  const faults = { before: 0, after: 0 };
  let server: Server;
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server = createServer((socket) => {
        const onward = connectTo(Number(target.port || 5432), target.hostname);
        socket.pipe(onward).pipe(socket);
        // One of the two directions breaks: before the server has heard, or after it has done it.
        for (const one of [socket, onward])
          one.on("data", () => {
            if (Math.random() >= faultShare / 2) return;
            faults[one === socket ? "before" : "after"]++;
            socket.destroy();
            onward.destroy();
          });
        for (const one of [socket, onward]) {
          open.add(one);
          one.on("error", () => {}).on("close", () => (open.delete(one), socket.destroy(), onward.destroy()));
        }
      }).listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = server!.address() as { port: number };
  return {
    port,
    /** From now on so many of the packets end their connection. */
    fault: (share: number) => void (faultShare = share),
    /** How many broke before the server heard, and how many after it had done it. */
    faults: () => ({ ...faults }),
    restore: () => listen(port),
    cut: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const one of open) one.destroy();
      }),
  };
}
