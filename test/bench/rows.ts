import { newRandom } from "../support/random.ts";
import { rawRequest } from "./run-load.ts";
import { fieldsOf, type BenchTenant } from "./seed-bench.ts";
import { searchedWords } from "./text.ts";

/** One row of the report: what is asked, where, and the row that it is compared with. */
export type Row = {
  name: string;
  port: number;
  requests: string[];
  /** The same questions past the cache, with which the code is warmed up. */
  warmUp?: string[];
  status: number;
  against?: string;
  /** Whether each request is sent once at most: a second one would find what the first one left. */
  isOnce?: boolean;
  /** What the edge must say of its cache, nearly always: a miss that is a hit measures nothing. */
  cache?: "HIT" | "MISS";
};

export type Told = {
  body: string;
  etag: string;
  cursors: string[];
  ports: { flow: number; baseline: number };
};

export const LIST = "/api/v3/content/bench?limit=10";
export const LIST_QUERY = { query: "{ benchList(limit: 10) { id title slug price publishedAt } }" };
const PAGE_QUERY =
  "query Page($after: String) { benchList(limit: 10, cursor: $after) { id title slug price publishedAt } }";
const JSON_TYPE = { "content-type": "application/json" };

/** How many requests of a row that sends each once; a part of the entries is for each concurrency. */
const WRITES = 4000;

/** The rows for one concurrency, the `part`-th of `parts`: what must be a miss is asked for once in all. */
export function rowsOf(tenant: BenchTenant, told: Told, part: number, parts: number): Row[] {
  const { flow, baseline } = told.ports;
  const ask = (method: string, path: string, headers: object = {}, body?: unknown) =>
    rawRequest(method, path, { authorization: `Bearer ${tenant.tokens.write}`, ...headers }, body);
  const numbers = partOf(tenant.count, part, parts);
  const cursors = told.cursors.slice(numbers[0]! - 1, numbers.at(-1));
  const words = numbers.map((n) => searchedWords(fieldsOf(n).body, newRandom(n)));
  const creates = Array.from({ length: WRITES }, (_, i) => fieldsOf(10_000_000 + part * WRITES + i));
  const once = (name: string, against: string, requests: string[]): Row => ({
    ...{ name, against, port: flow, requests, status: 200, isOnce: true, cache: "MISS" },
    warmUp: requests.map((one) => one.replace("\r\n\r\n", "\r\ncache-control: no-cache\r\n\r\n")),
  });
  const hand = (name: string, requests: string[]): Row => ({ name, port: baseline, requests, status: 200 });
  const notModified = { "if-none-match": told.etag };
  return [
    hand("bare_hono", [ask("GET", "/bare")]),
    { ...once("cached_rest", "bare_hono", [ask("GET", LIST)]), isOnce: false, cache: "HIT", warmUp: [] },
    hand("bare_hono_post", [ask("POST", "/bare", JSON_TYPE, LIST_QUERY)]),
    {
      ...once("cached_graphql", "bare_hono_post", [ask("POST", "/api/v3/graphql", JSON_TYPE, LIST_QUERY)]),
      ...{ isOnce: false, cache: "HIT", warmUp: [] },
    },
    { ...hand("bare_hono_304", [ask("GET", "/bare", notModified)]), status: 304 },
    {
      ...{ name: "not_modified", against: "bare_hono_304", port: flow, status: 304 },
      requests: [ask("GET", LIST, notModified)],
    },
    hand(
      "handwritten_sql_get",
      numbers.map((n) => ask("GET", `/sql/get/${tenant.idOf(n)}`)),
    ),
    once(
      "uncached_get",
      "handwritten_sql_get",
      numbers.map((n) => ask("GET", `/api/v3/content/bench/${tenant.idOf(n)}`)),
    ),
    hand(
      "handwritten_sql_list",
      cursors.map((cursor) => ask("GET", `/sql/list?${new URLSearchParams(keysOf(cursor))}`)),
    ),
    once(
      "uncached_list",
      "handwritten_sql_list",
      cursors.map((cursor) => ask("GET", `${LIST}&cursor=${cursor}`)),
    ),
    once(
      "uncached_graphql_list",
      "uncached_list",
      cursors.map((after) =>
        ask("POST", "/api/v3/graphql", JSON_TYPE, { query: PAGE_QUERY, variables: { after } }),
      ),
    ),
    hand(
      "handwritten_sql_search",
      words.map((q) => ask("GET", `/sql/search?${new URLSearchParams({ q })}`)),
    ),
    once(
      "search",
      "handwritten_sql_search",
      words.map((q) => ask("GET", `${LIST}&${new URLSearchParams({ q })}`)),
    ),
    {
      ...{ name: "bare_insert", port: baseline, status: 201, isOnce: true },
      requests: creates.map((fields) => ask("POST", "/sql/insert", JSON_TYPE, fields)),
    },
    {
      ...{ name: "write", against: "bare_insert", port: flow, status: 201, isOnce: true },
      requests: creates.map((fields) => ask("POST", "/api/v3/content/bench", JSON_TYPE, fields)),
    },
    {
      ...{ name: "update", against: "bare_insert", port: flow, status: 200 },
      requests: numbers.map((n) =>
        ask("PATCH", `/api/v3/content/bench/${tenant.idOf(n)}`, JSON_TYPE, { title: `Changed ${n}` }),
      ),
    },
    {
      ...{ name: "publish", against: "bare_insert", port: flow, status: 200, isOnce: true },
      requests: numbers
        .slice(0, WRITES)
        .map((n) => ask("POST", "/api/v3/content/publish", JSON_TYPE, { id: tenant.idOf(n) })),
    },
  ];
}

/** The numbers of the entries of one part. */
export function partOf(count: number, part: number, parts: number): number[] {
  const size = Math.floor(count / parts);
  return Array.from({ length: size }, (_, i) => part * size + i + 1);
}

/** The published_at and id that a cursor stands for, as SQL by hand compares them. */
function keysOf(cursor: string): { at: string; id: string } {
  const values = JSON.parse(Buffer.from(cursor, "base64url").toString()) as string[];
  return { at: values[1]!, id: values.at(-1)! };
}
