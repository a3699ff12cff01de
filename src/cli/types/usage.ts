import { FlowError, type Client } from "../../sdk/index.ts";
import type { OldIds } from "./new-ids.ts";
import type { CurrentType, Usage } from "./plan.ts";

export type LocaleRules = { localize: "default" | "all" | undefined; unlocalize: "default" | undefined };

/** Counts entries and values over the API, each once; counts end at 10,000. */
export function usageOf(client: Client, types: CurrentType[], locales: LocaleRules, oldIds: OldIds): Usage {
  const storedAs = (type: string) => oldIds.types.get(type) ?? type;
  const counted = new Map<string, Promise<number>>();
  const count = (
    type: string,
    query: { filter?: Record<string, { exists: boolean }>; locale?: string } = {},
  ) => {
    const key = JSON.stringify([type, query]);
    const known =
      counted.get(key) ??
      client.content
        .list(storedAs(type), { perspective: "draft", limit: 1, ...query })
        .then(({ pagination }) => pagination.total_items);
    counted.set(key, known);
    return known;
  };
  return {
    locales,
    entries: (type) => count(type),
    async steps(wanted, renames) {
      const from = oldIds.types.get(wanted.id);
      const query = { dry_run: true, allow_data_loss: true, ...locales, rename_from: from };
      try {
        return (await client.types.put(wanted.id, { ...wanted, renames }, query)).steps;
      } catch (error) {
        // It depends on other changes of the same push, or will be refused when it is made.
        if (error instanceof FlowError) return [];
        throw error;
      }
    },
    async values(type, id) {
      const field = types.find((one) => one.id === storedAs(type))?.fields.find((one) => one.id === id);
      if (!field) return undefined;
      const filter = { [id]: { exists: true } };
      if (!field["localized"]) return count(type, { filter });
      const { locales } = await client.environments.current();
      return Math.max(
        ...(await Promise.all(locales.map(({ code }) => count(type, { filter, locale: code })))),
      );
    },
  };
}
