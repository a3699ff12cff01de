import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** What XML 1.0 takes in no form: control characters, as themselves and as references. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]));/gi;
const MAX_REFERENCE = 16;
const MAX_HEAD = 64 * 1024;

/** What was repaired while a file was read. */
export type Repaired = { forbidden: number; before: string };

/**
 * The text of an XML file in chunks: decompressed when it is gzip, decoded by its declared encoding,
 * without anything before the document and without characters that XML does not allow.
 */
export async function* readText(file: string, repaired: Repaired): AsyncGenerator<string> {
  let head = "";
  let hasStarted = false;
  let held = "";
  for await (const part of decoded(file)) {
    let text = part;
    if (!hasStarted) {
      head += part;
      const begin = head.search(/<\?xml|<rss|<!--|<!DOCTYPE/i);
      if (begin < 0 && head.length < MAX_HEAD) continue;
      text = head.slice(Math.max(0, begin));
      repaired.before = head.slice(0, Math.max(0, begin)).trim();
      hasStarted = true;
    }
    text = held + text;
    const open = text.lastIndexOf("&");
    const cut = open >= 0 && text.length - open < MAX_REFERENCE ? open : text.length;
    held = text.slice(cut);
    yield clean(text.slice(0, cut), repaired);
  }
  yield clean(hasStarted ? held : head, repaired);
}

function clean(text: string, repaired: Repaired): string {
  return text.replace(FORBIDDEN, () => {
    repaired.forbidden++;
    return "";
  });
}

async function* decoded(file: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const bytes of await unpacked(file)) {
    decoder ??= decoderFor(bytes);
    yield decoder.decode(bytes, { stream: true });
  }
  if (decoder) yield decoder.decode();
}

async function unpacked(file: string): Promise<AsyncIterable<Buffer>> {
  let start = Buffer.alloc(0);
  for await (const part of createReadStream(file, { end: 1 })) start = Buffer.concat([start, part as Buffer]);
  const source: Readable = createReadStream(file);
  if (start[0] !== 0x1f || start[1] !== 0x8b) return source;
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  return gunzip;
}

function decoderFor(bytes: Buffer): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be");
  const said = /<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']/i.exec(
    bytes.subarray(0, 2000).toString("latin1"),
  );
  try {
    return new TextDecoder(said?.[1] ?? "utf-8");
  } catch {
    throw new Error(`${said![1]} is not a supported encoding: save the file as UTF-8.`);
  }
}
