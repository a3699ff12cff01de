import { connect, type Socket } from "node:net";
import { randomBytes } from "node:crypto";

// The sockets of one process: as little as a client can be, so that it is not what is measured.

type Order =
  | { kind: "open"; port: number; count: number; token: string; query: string; atOnce: number }
  | { kind: "begin" }
  | { kind: "report" };

/** Milliseconds from commit to client of each result since the last report, and when the first and the last came. */
let latencies: number[] = [];
let firstAt = 0;
let lastAt = 0;
const sockets: Socket[] = [];

process.on("message", (order: Order) => {
  if (order.kind === "open") void open(order).then((opened) => process.send!({ kind: "opened", ...opened }));
  else if (order.kind === "begin") latencies = [];
  else process.send!({ kind: "report", latencies, firstAt, lastAt });
});

async function open({ port, count, token, query, atOnce }: Extract<Order, { kind: "open" }>) {
  let opened = 0;
  let failed = 0;
  const startedAt = performance.now();
  const next = async (): Promise<void> => {
    while (opened + failed < count) {
      opened++;
      await openOne(port, token, query).catch(() => {
        opened--;
        failed++;
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return { opened, failed, ms: performance.now() - startedAt };
}

function openOne(port: number, token: string, query: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let isOpen = false;
    let rest = Buffer.alloc(0);
    const send = (message: object) => socket.write(frameOf(JSON.stringify(message)));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
    socket.setNoDelay(true);
    socket.write(
      `GET /api/v3/graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
    );
    socket.on("data", (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!isOpen) {
        const end = rest.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!rest.subarray(0, 12).toString().endsWith("101")) return void socket.destroy();
        rest = rest.subarray(end + 4);
        isOpen = true;
        send({ type: "connection_init", payload: { token } });
      }
      for (let frame = read(rest); frame; frame = read(rest)) {
        rest = rest.subarray(frame.length);
        const { text } = frame;
        if (text.includes('"type":"next"')) heard(text);
        else if (text.includes("connection_ack")) send({ id: "1", type: "subscribe", payload: { query } });
        else if (text.includes("standing")) {
          sockets.push(socket);
          resolve();
        } else if (text === '{"type":"ping"}') send({ type: "pong" });
      }
    });
  });
}

function heard(text: string): void {
  const now = Date.now();
  if (latencies.length === 0) firstAt = now;
  lastAt = now;
  latencies.push(now - Date.parse(/"at":"([^"]+)"/.exec(text)![1]!));
}

/** A text frame of the server, which does not mask; undefined until it is whole. */
function read(bytes: Buffer): { text: string; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < head) return undefined;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + size) return undefined;
  return { text: bytes.toString("utf8", head, head + size), length: head + size };
}

/** A text frame of a client, masked with zeros. */
function frameOf(text: string): Buffer {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length]) : Buffer.from([0x81, 0xfe, 0, 0]);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}
