import type { Can } from "./names.ts";
import { dataOf, outcomeOf, type Ask, type CallOptions } from "./call.ts";
import type { ContentApi, Moved } from "./content-api.ts";
import { pathOf } from "./path.ts";
import type { Page } from "./query.ts";
import { queryString } from "./query-string.ts";
import type { AnySchema, Entry, SchemaShape } from "./schema.ts";
import { ifMatch, restoredOf, unpublishedOf, versionsOf } from "./versions.ts";

const PAGE_LIMIT = 100;

/** Entries, over a way to call. What a schema promises is checked by the compiler only. */
export function contentOf<S extends SchemaShape>(ask: Ask): ContentApi<S> {
  const at = (type: string, ...rest: string[]) => pathOf("content", type, ...rest);
  const pageAt = async (path: string, query: object, options?: CallOptions): Promise<Page<Entry, any>> => {
    const { body } = await ask("GET", path, { query: queryString(query) }, options);
    const { status: _, ...page } = body as Page<Entry> & { status: string };
    return page;
  };
  const list = (type: string, query: object = {}, options?: CallOptions) => pageAt(at(type), query, options);
  async function* iterate(
    type: string,
    query: object = {},
    options?: CallOptions,
  ): AsyncGenerator<Entry, void, undefined> {
    for (let next: { cursor?: string } = {}; ;) {
      const { data, pagination } = await list(type, { limit: PAGE_LIMIT, ...query, ...next }, options);
      yield* data;
      if (pagination.next_cursor === null) return;
      next = { cursor: pagination.next_cursor };
    }
  }
  const content: ContentApi<AnySchema> = {
    list,
    listSeveral: (types, query = {}, options) => pageAt(pathOf("content"), { types, ...query }, options),
    iterate,
    get: async (type, idOrSlug, query = {}, options) =>
      dataOf(await ask("GET", at(type, idOrSlug), { query: queryString(query) }, options)),
    resolve: async (type, slug, query = {}, options) => {
      const { body } = await ask("GET", at(type, slug), { query: queryString(query) }, options);
      const { data, moved = null } = body as { data: Entry; moved?: Moved };
      return { entry: data, moved };
    },
    single: (type, query, options) => content.get(type, "-", query, options),
    create: async (type, fields, query = {}, options) =>
      dataOf(await ask("POST", at(type), { query: queryString(query), body: fields }, options)),
    put: async (type, id, fields, query = {}, options) => {
      const isOnce = fields["version"] !== undefined;
      const parts = { query: queryString(query), body: fields, isOnce };
      const answer = await ask("PUT", at(type, id), parts, options);
      return { entry: dataOf(answer), outcome: outcomeOf(answer) };
    },
    update: async (type, id, fields, query = {}, options) =>
      dataOf(await ask("PATCH", at(type, id), { query: queryString(query), body: fields }, options)),
    delete: async (type, id, { version, ...query } = {}, options) =>
      void (await ask(
        "DELETE",
        at(type, id),
        { query: queryString(query), headers: ifMatch(version) },
        options,
      )),
    move: async (type, id, to, options) =>
      dataOf(await ask("POST", at(type, id, "move"), { body: to }, options)),
    publish: async (id, publish, options) =>
      dataOf(await ask("POST", at("publish"), { body: { id, ...publish } }, options)),
    unpublish: async (id, unpublish, options) =>
      unpublishedOf(await ask("POST", at("unpublish"), { body: { id, ...unpublish } }, options)),
    schedule: async (id, schedule, options) =>
      dataOf(await ask("POST", at("schedule"), { body: { id, ...schedule } }, options)),
    bulk: async (operations, bulk, options) =>
      dataOf(await ask("POST", at("bulk"), { body: { ...bulk, operations } }, options)),
    duplicate: async (type, id, copy = {}, options) =>
      restoredOf(await ask("POST", at(type, id, "duplicate"), { body: copy }, options)),
    can: async (type, id, options) => {
      const query = queryString({ perspective: "draft", fields: ["id"] });
      return ((await ask("GET", at(type, id), { query }, options)).body as { can: Can }).can;
    },
    references: async (type, id, query = {}, options) =>
      dataOf(await ask("GET", at(type, id, "references"), { query: queryString(query) }, options)),
    aggregate: async (type, query = {}, options) =>
      dataOf(await ask("GET", pathOf("aggregate", type), { query: queryString(query) }, options)),
    versions: versionsOf(ask),
  };
  return content as unknown as ContentApi<S>;
}
