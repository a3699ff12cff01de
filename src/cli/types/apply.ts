import type { Client } from "../../sdk/index.ts";
import { withLastingLists } from "./back-references.ts";
import { targetsIn } from "./order.ts";
import type { CurrentType, TypeChange } from "./plan.ts";
import type { Renames } from "./renames.ts";
import type { Definition, Model } from "./type-files.ts";
import type { LocaleRules } from "./usage.ts";

type Applied = {
  client: Client;
  current: Model<CurrentType>;
  wanted: Model;
  renames: Renames;
  locales: LocaleRules;
  allowsDataLoss: boolean;
};

/** Creates what is new, in one request: definitions may refer to each other. */
export async function createNew(applied: Applied, changes: readonly TypeChange[]): Promise<void> {
  const { client, wanted } = applied;
  const made = changes.map(({ type }) => type);
  const pick = (kind: TypeChange["kind"], from: readonly Definition[]) =>
    changes.flatMap((one) => (one.kind === kind ? from.filter(({ id }) => id === one.type) : []));
  await client.types.createAll({
    components: pick("component", wanted.components),
    types: pick("type", wanted.types).map((type) => withLastingLists(type, applied, made)),
  });
}

/**
 * Carries out a change of something that is there. It must still be as it was planned by; data goes only
 * when that is allowed.
 */
export async function applyChange(applied: Applied, { action, kind, type: id }: TypeChange): Promise<void> {
  const { client, current, wanted, renames, locales, allowsDataLoss } = applied;
  if (action === "delete") return kind === "type" ? deleteType(applied, id) : client.components.delete(id);
  const find = <T extends Definition>({ types, components }: Model<T>) =>
    (kind === "type" ? types : components).find((one) => one.id === id)!;
  const query = { version: find(current).version, allow_data_loss: allowsDataLoss || undefined };
  const body = kind === "type" ? withLastingLists(find(wanted), applied) : find(wanted);
  const changed = { ...body, ...(renames.has(id) ? { renames: renames.get(id) } : {}) };
  if (kind === "type") await client.types.put(id, changed, { ...query, ...locales });
  else await client.components.put(id, changed, query);
}

/** Writes the back references that had to wait for what they are made of. */
export async function putLists({ client }: Applied, types: readonly Definition[]): Promise<void> {
  for (const type of types) await client.types.put(type.id, type);
}

async function deleteType({ client, wanted, allowsDataLoss }: Applied, type: string): Promise<void> {
  if (allowsDataLoss) await deleteEntries(client, type);
  // Types that refer to it may go after it; those that stay must not.
  const stays = [...wanted.types, ...wanted.components].some(({ fields }) => targetsIn(fields).has(type));
  await client.types.delete(type, stays ? {} : { on_reference: "keep" });
}

async function deleteEntries(client: Client, type: string): Promise<void> {
  const ids: string[] = [];
  const query = { perspective: "draft", sort: ["id"], fields: ["id"] } as const;
  for await (const { id } of client.content.iterate(type, query)) ids.push(id);
  for (const id of ids) await client.content.delete(type, id, { on_reference: "null" });
}
