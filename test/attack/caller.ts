import { Agent, request as ask } from "node:http";

/** What came back of one request. */
export type Seen = { status: number; headers: Headers; text: string };
export type Request = {
  method: string;
  path: string;
  body?: unknown;
  /** Sent as a form in place of a body. */
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** Null for none. */
  token: string | null;
};
export type Caller = (request: Request) => Promise<Seen>;

/** Sends requests to one FlowCMS, each path as it is written, and reads the whole answer, as text. */
export function callerOf(url: string): Caller {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true });
  return ({ method, path, body, form, headers, token }) => {
    const text =
      form === undefined
        ? body === undefined
          ? ""
          : JSON.stringify(body)
        : new URLSearchParams(form).toString();
    const type =
      form === undefined
        ? body === undefined
          ? undefined
          : "application/json"
        : "application/x-www-form-urlencoded";
    const sent = {
      accept: "*/*",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(type === undefined ? {} : { "content-type": type }),
      ...(text === "" && (method === "GET" || method === "DELETE")
        ? {}
        : { "content-length": String(Buffer.byteLength(text)) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const asked = ask({ agent, hostname, port, method, path, headers: sent }, (response) => {
        const parts: Buffer[] = [];
        response.on("error", reject);
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({
            status: response.statusCode!,
            headers: new Headers(
              Object.entries(response.headersDistinct).flatMap(([name, values]) =>
                values!.map((value): [string, string] => [name, value]),
              ),
            ),
            text: Buffer.concat(parts).toString(),
          }),
        );
      });
      asked.on("error", reject);
      asked.end(text);
    });
  };
}

/** What stands in `data` of an answer that must be a success. */
export async function dataOf(call: Caller, request: Request): Promise<any> {
  const { status, text } = await call(request);
  if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${text.slice(0, 500)}`);
  return text === "" ? undefined : (JSON.parse(text) as { data: unknown }).data;
}
