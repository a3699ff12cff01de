/** `pagination` of a list. With a cursor there is no page number. */
export type Pagination = {
  current_page: number | null;
  per_page: number;
  /** Absent when it is not counted. */
  total_items?: number;
  total_capped?: true;
  next_cursor: string | null;
};

/** The header that tells the gateway that its tenant snapshot is outdated. */
export const SNAPSHOT_CHANGED = { "x-flow-snapshot": "changed" };

/** `pagination` of a list that is read by cursor only, without a count. */
export type CursorPagination = { per_page: number; next_cursor: string | null };

/** Properties of a response next to `data`. */
export type AnswerFacts = {
  status?: 200 | 201 | 204;
  /** The version for its `ETag`. */
  version?: number;
  /** The URL of the created resource (`Location`). */
  location?: string;
  /** Whether the write found everything as it should be, and wrote nothing. */
  isUnchanged?: boolean;
  pagination?: Pagination | CursorPagination;
  beside?: Record<string, unknown>;
};

/** The data of an answer, with more about it than the operation says. */
export class Answered<T> {
  readonly data: T;
  readonly facts: AnswerFacts;
  constructor(data: T, facts: AnswerFacts) {
    this.data = data;
    this.facts = facts;
  }
}

export const answered = <T>(data: T, facts: AnswerFacts): Answered<T> => new Answered(data, facts);

/** What a PUT answers, by what became of it. */
export const answeredPut = <T extends { version: number }>(
  data: T,
  outcome: "created" | "updated" | "unchanged",
  beside: Record<string, unknown> = {},
): Answered<T> =>
  answered(data, {
    status: outcome === "created" ? 201 : 200,
    version: data.version,
    isUnchanged: outcome === "unchanged",
    beside,
  });

/** One page of a list that is read by cursor only. */
export const answeredPage = <T>(data: T[], limit: number, nextCursor: string | null): Answered<T[]> =>
  answered(data, { pagination: { per_page: limit, next_cursor: nextCursor } });

/**
 * `{ "status": "success", "data": … }`, never cached unless the headers say so; `beside` stands beside
 * the data.
 */
export function success(
  data: unknown,
  status = 200,
  headers: Record<string, string> = {},
  beside: Record<string, unknown> = {},
): Response {
  return Response.json(
    { status: "success", data, ...beside },
    { status, headers: { "cache-control": "no-store", ...headers } },
  );
}

/** One page of a list that is read by cursor only, without a count. */
export function successPage(data: unknown[], limit: number, nextCursor: string | null): Response {
  return Response.json(
    { status: "success", data, pagination: { per_page: limit, next_cursor: nextCursor } },
    { headers: { "cache-control": "no-store" } },
  );
}

/**
 * The success envelope around data that is JSON text already; `extra` is added next to the pagination of
 * a list.
 */
export function successText(
  dataJson: string,
  headers: Record<string, string>,
  pagination?: Pagination,
  extra: Record<string, unknown> = {},
): Response {
  const tail = [...(pagination ? [["pagination", pagination]] : []), ...Object.entries(extra)]
    .map(([name, value]) => (value === undefined ? "" : `,"${name as string}":${JSON.stringify(value)}`))
    .join("");
  return new Response(`{"status":"success","data":${dataJson}${tail}}`, {
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

/** 204: done, nothing to say. */
export function done(headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store", ...headers } });
}

const EDGE_SECONDS = 600;
const EDGE_STALE_SECONDS = 86_400;

/**
 * Headers that let the edge cache a response until one of its tags is purged; none for an uncached
 * request, which saves hashing the body.
 */
export function edgeHeaders(isForEdge: boolean, tags: string[], body: string): Record<string, string> {
  if (!isForEdge) return {};
  return {
    "cloudflare-cdn-cache-control": `public, max-age=${EDGE_SECONDS}, stale-while-revalidate=${EDGE_STALE_SECONDS}, stale-if-error=${EDGE_STALE_SECONDS}`,
    "cache-tag": tags.join(","),
    etag: `W/"${fingerprint(body)}"`,
  };
}

/** 64 bits of a text and its length, as hexadecimal (cyrb53 without its last cut). Not for secrets. */
export function fingerprint(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (
    (b >>> 0).toString(16).padStart(8, "0") +
    (a >>> 0).toString(16).padStart(8, "0") +
    text.length.toString(16)
  );
}
