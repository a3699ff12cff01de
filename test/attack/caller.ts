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

/** Sends requests to one FlowCMS and reads the whole answer, as text. */
export function callerOf(url: string): Caller {
  return async ({ method, path, body, form, headers, token }) => {
    const init: RequestInit = {
      method,
      redirect: "manual",
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (form !== undefined) init.body = new URLSearchParams(form);
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** What stands in `data` of an answer that must be a success. */
export async function dataOf(call: Caller, request: Request): Promise<any> {
  const { status, text } = await call(request);
  if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${text.slice(0, 500)}`);
  return text === "" ? undefined : (JSON.parse(text) as { data: unknown }).data;
}
