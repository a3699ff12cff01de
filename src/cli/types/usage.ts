import { call, type Connection } from "../api.ts";
import { currentEnvironment } from "../import/prepare-locales.ts";
import type { CurrentType, Usage } from "./plan.ts";

/** Counts entries and values over the API, each once; counts end at 10,000. */
export function usageOf(connection: Connection, types: CurrentType[]): Usage {
  const counted = new Map<string, Promise<number>>();
  const count = (path: string) => {
    const known =
      counted.get(path) ??
      call(connection, "GET", path).then(({ body }) => body.pagination.total_items as number);
    counted.set(path, known);
    return known;
  };
  const listOf = (type: string) => `/content/${type}?perspective=draft&limit=1`;
  return {
    entries: (type) => count(listOf(type)),
    async values(type, id) {
      const field = types.find((one) => one.id === type)?.fields.find((one) => one.id === id);
      if (!field) return undefined;
      const { locales } = await currentEnvironment(connection);
      const found = `${listOf(type)}&filter[${id}][exists]=true`;
      if (!field["localized"]) return count(found);
      return Math.max(...(await Promise.all(locales.map(({ code }) => count(`${found}&locale=${code}`)))));
    },
  };
}
