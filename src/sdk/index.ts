import { send, type ClientOptions } from "./request.ts";

export { FlowError } from "./errors.ts";
export type { ClientOptions } from "./request.ts";

/** What every entry has; the fields of its type stand beside. */
export type Entry = {
  id: string;
  type: string;
  locale: string;
  version: number;
  status: "draft" | "published" | "changed";
  published_at: string | null;
  created_at: string;
  updated_at: string;
  [field: string]: unknown;
};
export type Outcome = "created" | "updated" | "unchanged";
export type Pagination = {
  current_page: number | null;
  per_page: number;
  total_items: number;
  total_capped?: true;
  next_cursor: string | null;
};
export type Query = {
  filter?: Record<string, Record<string, string | number | boolean | (string | number)[]>>;
  sort?: string[];
  fields?: string[];
  include?: string[];
  locale?: string;
  page?: number;
  limit?: number;
  cursor?: string;
  perspective?: "published" | "draft";
  rich_text?: "json" | "html" | "text";
};

type Values = Record<string, unknown>;
type Cancel = { signal?: AbortSignal };

/**
 * FlowCMS over HTTP, in browsers, Node, Workers and Deno.
 *
 * @example
 * const flow = new Client({ url: "https://cms.example.com", apiKey: "flow_read_…" });
 * const { data } = await flow.content.list("blog_post", { sort: ["-published_at"], limit: 10 });
 */
export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  readonly content = {
    list: async (type: string, query: Query = {}, cancel: Cancel = {}) => {
      const { body } = await this.#call(
        "GET",
        `/content/${encodeURIComponent(type)}${search(query)}`,
        undefined,
        cancel,
      );
      return body as { data: Entry[]; pagination: Pagination };
    },
    /** Every entry of every page, one after the other. */
    iterate: (type: string, query: Query = {}, cancel: Cancel = {}) => this.#iterate(type, query, cancel),
    get: async (type: string, idOrSlug: string, query: Query = {}, cancel: Cancel = {}) =>
      data<Entry>(await this.#call("GET", `${entryPath(type, idOrSlug)}${search(query)}`, undefined, cancel)),
    create: async (type: string, fields: Values) =>
      data<Entry>(await this.#call("POST", `/content/${encodeURIComponent(type)}`, fields)),
    /** Creates or replaces under an id of your own; safe to repeat. */
    put: async (type: string, id: string, fields: Values) => {
      const answer = await this.#call("PUT", entryPath(type, id), fields, { isRepeatable: true });
      return { entry: data<Entry>(answer), outcome: outcomeOf(answer) };
    },
    /** Changes the given fields; give `version` to be told when somebody else was faster. */
    update: async (type: string, id: string, fields: Values) =>
      data<Entry>(await this.#call("PATCH", entryPath(type, id), fields)),
    delete: async (type: string, id: string): Promise<void> =>
      void (await this.#call("DELETE", entryPath(type, id))),
    publish: async (id: string, options: { version?: number; published_at?: string } = {}) =>
      data<Entry>(
        await this.#call(
          "POST",
          "/content/publish",
          { id, ...options },
          { isRepeatable: options.version === undefined },
        ),
      ),
    unpublish: async (id: string, options: { version?: number } = {}) =>
      data<Entry>(
        await this.#call(
          "POST",
          "/content/unpublish",
          { id, ...options },
          { isRepeatable: options.version === undefined },
        ),
      ),
  };

  readonly types = {
    list: async () => data<Values[]>(await this.#call("GET", "/types")),
    get: async (id: string) => data<Values>(await this.#call("GET", `/types/${encodeURIComponent(id)}`)),
    put: async (id: string, definition: Values) => {
      const answer = await this.#call("PUT", `/types/${encodeURIComponent(id)}`, definition, {
        isRepeatable: true,
      });
      return { type: data<Values>(answer), outcome: outcomeOf(answer) };
    },
    delete: async (id: string): Promise<void> =>
      void (await this.#call("DELETE", `/types/${encodeURIComponent(id)}`)),
  };

  readonly assets = {
    put: async (id: string, asset: Values) => {
      const answer = await this.#call("PUT", `/assets/${encodeURIComponent(id)}`, asset, {
        isRepeatable: true,
      });
      return { asset: data<Values>(answer), outcome: outcomeOf(answer) };
    },
    get: async (id: string) => data<Values>(await this.#call("GET", `/assets/${encodeURIComponent(id)}`)),
  };

  /** Runs a GraphQL operation; throws its first error. */
  async graphql<T = Values>(query: string, variables: Values = {}): Promise<T> {
    const { body } = await this.#call("POST", "/graphql", { query, variables });
    const { data: result, errors } = body as { data: T; errors?: { message: string }[] };
    if (errors?.[0]) throw new Error(errors[0].message);
    return result;
  }

  #call(method: string, path: string, body?: unknown, options: Cancel & { isRepeatable?: boolean } = {}) {
    return send(this.#options, {
      method,
      path: `/api/v3${path}`,
      ...(body === undefined ? {} : { body }),
      ...options,
    });
  }

  async *#iterate(type: string, query: Query, cancel: Cancel): AsyncGenerator<Entry> {
    for (let cursor = query.cursor; ;) {
      const page = await this.content.list(
        type,
        { limit: 100, ...query, ...(cursor === undefined ? {} : { cursor }) },
        cancel,
      );
      yield* page.data;
      if (page.pagination.next_cursor === null) return;
      cursor = page.pagination.next_cursor;
    }
  }
}

const entryPath = (type: string, id: string) =>
  `/content/${encodeURIComponent(type)}/${id.split("/").map(encodeURIComponent).join("/")}`;
const data = <T>(answer: { body: unknown }) => (answer.body as { data: T }).data;

function outcomeOf(answer: { status: number; headers: Headers }): Outcome {
  if (answer.headers.get("x-flow-unchanged") === "true") return "unchanged";
  return answer.status === 201 ? "created" : "updated";
}

function search({ filter, ...rest }: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined) params.set(name, Array.isArray(value) ? value.join(",") : String(value));
  for (const [field, conditions] of Object.entries(filter ?? {})) {
    for (const [operator, value] of Object.entries(conditions))
      params.append(`filter[${field}][${operator}]`, Array.isArray(value) ? value.join(",") : String(value));
  }
  return params.size > 0 ? `?${params}` : "";
}
