import { AppError, invalid, MAX_DETAILS, type ErrorDetail } from "./errors.ts";
import { readExactNumber } from "./exact-numbers.ts";
import { addDetail } from "./nearest.ts";

/** The largest JSON body any route reads, in bytes. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** The largest file that one request uploads, in bytes. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 200;
/** The reason of a refusal of numbers that a double would round. */
export const INEXACT_NUMBER = "http/inexact-number";

/**
 * Reads a JSON body of at most `maxBytes`, of any media type. Throws QUOTA_EXCEEDED 413 before reading a
 * body with a larger Content-Length, INVALID 400 for invalid UTF-8 or JSON, or nesting deeper than 200.
 */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  return parseJson(await readText(request, maxBytes));
}

/** Reads a body of at most `maxBytes` as UTF-8; throws as `readJson` does. */
export async function readText(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
  return decode(await readBytes(request, maxBytes));
}

/**
 * The value of a JSON body; throws INVALID as `readJson` does, and `http/inexact-number` with the
 * path of each number that a double would round.
 */
export function parseJson(text: string): unknown {
  if (text.trim() === "") throw bad("http/empty-body", "The request needs a JSON body.");
  const hasSuspects = scan(text);
  try {
    return hasSuspects ? parseExactly(text) : JSON.parse(text);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw bad("http/malformed-json", `The body is not valid JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

/** Reads a body of at most `maxBytes`; throws QUOTA_EXCEEDED 413 for more. */
export async function readBytes(
  request: Pick<Request, "headers" | "body">,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return readAtMost(request.body, maxBytes, () => tooLarge(maxBytes));
}

/** All bytes of a stream; throws `refusal()`, and reads no further, when there are more than `maxBytes`. */
export async function readAtMost(
  body: Request["body"],
  maxBytes: number,
  refusal: () => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw refusal();
    }
    chunks.push(value);
  }
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw bad("http/not-utf8", "The body is not valid UTF-8.");
  }
}

/** Refuses what nests too deep; answers whether there are numbers that a double may not hold. */
function scan(text: string): boolean {
  let depth = 0;
  let isInString = false;
  let digits = 0;
  let hasSuspects = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === 92) i++;
      else if (code === 34) isInString = false;
      continue;
    }
    // What is not a digit or a point ends a number, but an exponent, which makes it suspect by itself.
    if ((code >= 48 && code <= 57) || code === 46) hasSuspects ||= ++digits > 15;
    else {
      if (digits > 0 && (code === 101 || code === 69)) hasSuspects = true;
      digits = 0;
    }
    if (code === 34) isInString = true;
    else if (code === 123 || code === 91) {
      if (++depth > MAX_DEPTH)
        throw bad("http/too-deep", `The body is nested deeper than ${MAX_DEPTH} levels.`);
    } else if (code === 125 || code === 93) depth--;
  }
  return hasSuspects;
}

/** Parses with an eye on how numbers were written. */
function parseExactly(text: string): unknown {
  let isInexact = false;
  const reviver = (_key: string, value: unknown, { source }: { source?: string }) => {
    if (typeof value !== "number" || readExactNumber(source!) !== undefined) return value;
    isInexact = true;
    return INEXACT;
  };
  const value = JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as unknown;
  if (!isInexact) return value;
  const details: ErrorDetail[] = [];
  findInexact(value, "", details);
  throw invalid(INEXACT_NUMBER, "A number cannot be stored exactly.", details);
}

const INEXACT = Symbol("a number that a double would round");

function findInexact(value: unknown, path: string, details: ErrorDetail[]): void {
  if (details.length >= MAX_DETAILS) return;
  if (value === INEXACT)
    addDetail(details, path, "has more digits than a double can hold: round it, or send it as a string");
  else if (Array.isArray(value)) value.forEach((one, i) => findInexact(one, `${path}[${i}]`, details));
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value))
      findInexact(one, path === "" ? key.slice(0, 100) : `${path}.${key.slice(0, 100)}`, details);
}

const bad = (reason: string, message: string) => invalid(reason, message, [], 400);

/** The refusal of a body over the limit. */
export function tooLarge(maxBytes: number): AppError {
  return new AppError("QUOTA_EXCEEDED", "http/body-too-large", `The body is larger than ${maxBytes} bytes.`, {
    status: 413,
  });
}
