import type { Call } from "./call.ts";

/** What the caller's own reading threw: no fault of the connection. */
export class ReaderFailure {
  readonly thrown: unknown;
  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

/** The body of an answer: JSON, undefined for what is none, or what the call wants of its bytes. */
export async function bodyOf(response: Response, { isFile, read }: Call): Promise<unknown> {
  if (!response.ok || (!isFile && !read)) return parse(await response.text());
  if (!read) return response.blob();
  let isBroken = false;
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        isBroken = true;
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  try {
    return (await read(bytes)) ?? null;
  } catch (error) {
    throw isBroken ? error : new ReaderFailure(error);
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
