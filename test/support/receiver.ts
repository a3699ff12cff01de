import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type ReceivedCall = {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** When it came, in milliseconds. */
  at: number;
};
/** How a receiver answers; nothing for 200. */
export type Answering = (call: ReceivedCall, response: ServerResponse) => void | Promise<void>;

/** A server on this machine that webhooks call: keeps what it got, and answers as a test wants. */
export async function openReceiver(answer?: Answering) {
  const calls: ReceivedCall[] = [];
  let answering = answer;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url, headers } = request;
      const call = { path: url!, headers, body: Buffer.concat(chunks).toString("utf8"), at: Date.now() };
      calls.push(call);
      if (answering) void answering(call, response);
      else response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    /** Of what it got at a path, the payloads. */
    payloads: (path = "/"): any[] =>
      calls.filter((call) => call.path === path).map(({ body }) => JSON.parse(body) as unknown),
    answers(how: Answering | undefined) {
      answering = how;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
