import { createServer } from "node:http";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Email } from "../core/identity-context.ts";
import { closeServer, listenOnLoopback, readBody, sendJson } from "./loopback-server.ts";

/** An email as it lies in the mailbox. */
export type KeptEmail = Email & { from: string; at: string };
export type Mailbox = { url: string; close(): Promise<void> };

const MAX_BYTES = 1024 * 1024;
const SHOWN = 200;

/**
 * The mail provider of a development machine: takes emails as an HTTP API does and keeps each as a
 * file in `folder`. `GET /` is a page to read them by; `GET /emails?to=` answers them as JSON, the
 * newest first.
 */
export async function openMailbox(folder: string): Promise<Mailbox> {
  mkdirSync(folder, { recursive: true });
  let count = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://mailbox");
    const handle = async () => {
      if (request.method === "POST") {
        const { from, to, subject, text, html, headers } = JSON.parse(
          await readBody(request, MAX_BYTES),
        ) as KeptEmail;
        const at = new Date().toISOString();
        const name = `${at.replaceAll(/[:.]/g, "-")}-${String(++count).padStart(6, "0")}.json`;
        const path = join(folder, name);
        writeFileSync(
          `${path}.part`,
          JSON.stringify({ at, from, to, subject, text, html, headers }, null, 2),
          {
            mode: 0o600,
          },
        );
        renameSync(`${path}.part`, path);
        sendJson(response, 200, { id: name });
      } else if (url.pathname === "/emails") {
        const to = url.searchParams.get("to");
        sendJson(
          response,
          200,
          readEmails(folder).filter((email) => to === null || email.to === to),
        );
      } else {
        response.writeHead(200, {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        });
        response.end(showEmails(readEmails(folder)));
      }
    };
    handle().catch((error: Error) => sendJson(response, 400, { message: error.message }));
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

function readEmails(folder: string): KeptEmail[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .toReversed()
    .slice(0, SHOWN)
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as KeptEmail);
}

function showEmails(emails: KeptEmail[]): string {
  const items = emails.map(
    ({ at, to, subject, text }) =>
      `<article><h2>${escape(subject)}</h2><p>to ${escape(to)}, ${at}</p><pre>${linked(escape(text))}</pre></article>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mailbox</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;background:#f4f6f8;padding:1rem}</style>
</head><body><main><h1>Mailbox</h1>${items.join("\n") || "<p>No emails yet.</p>"}</main></body></html>`;
}

const linked = (text: string) =>
  text.replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
