import { Parser } from "htmlparser2";

export interface HtmlReader {
  open(name: string, attributes: Record<string, string>): void;
  close(name: string): void;
  text(text: string): void;
  comment(text: string): void;
  readonly depth: number;
  flatten(): void;
}

/**
 * The parser's cost grows with the square of the depth, so elements that nest deeper than this are all
 * closed.
 */
const MAX_DEPTH = 512;

/**
 * Parses HTML into well-nested calls: every open has its close, unless `flatten` closed all; texts
 * come in one piece.
 */
export function readHtml(html: string, reader: HtmlReader): void {
  // Only what a browser would take for nothing, or nobody could store, is taken away before parsing.
  let rest = html.replace(/\r\n?/g, "\n").replaceAll("\0", "").toWellFormed();
  while (rest !== "") rest = rest.slice(readSome(rest, reader));
}

/** Parses until the end, or until too many elements are open; answers how many characters were read. */
function readSome(html: string, reader: HtmlReader): number {
  const pending: string[] = [];
  let read = html.length;
  let isPaused = false;
  const flush = () => {
    if (pending.length > 0) reader.text(pending.splice(0).join(""));
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (isPaused) return;
      flush();
      reader.open(name, attributes);
      if (reader.depth < MAX_DEPTH) return;
      isPaused = true;
      read = parser.endIndex + 1;
      parser.pause();
    },
    onclosetag(name) {
      if (isPaused) return;
      flush();
      reader.close(name);
    },
    ontext(text) {
      if (!isPaused) pending.push(text);
    },
    onprocessinginstruction(_name, text) {
      if (isPaused || !text.startsWith("![")) return;
      flush();
      reader.comment(text.slice(1));
    },
    oncomment(text) {
      if (isPaused) return;
      flush();
      reader.comment(text);
    },
  });
  parser.write(html);
  if (isPaused) reader.flatten();
  else {
    parser.end();
    flush();
  }
  return read;
}
