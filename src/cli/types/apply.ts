import { FlowError, type Client } from "../../sdk/index.ts";
import type { OldIds } from "./new-ids.ts";
import { targetsIn } from "./order.ts";
import type { CurrentType, TypeChange } from "./plan.ts";
import type { Renames } from "./renames.ts";
import type { Model } from "./type-files.ts";
import type { LocaleRules } from "./usage.ts";

type Applied = {
  client: Client;
  current: Model<CurrentType>;
  wanted: Model;
  renames: Renames;
  oldIds: OldIds;
  locales: LocaleRules;
  allowsDataLoss: boolean;
};

/** More entries than one request can check may be few enough one type after the other. */
const TOO_MANY = "types/too-many-entries";

/**
 * Creates what is new and changes what is there, in one request: definitions may refer to each other.
 * What is there must still be as it was planned by; data goes only when that is allowed.
 */
export async function applyTogether(applied: Applied, changes: readonly TypeChange[]): Promise<void> {
  try {
    await putAll(applied, changes);
  } catch (error) {
    const isTooMuch = error instanceof FlowError && error.reason === TOO_MANY && changes.length > 1;
    if (!isTooMuch) throw error;
    for (const change of changes) await putAll(applied, [change]);
  }
}

async function putAll(applied: Applied, changes: readonly TypeChange[]): Promise<void> {
  const { client, current, wanted, renames, oldIds, locales, allowsDataLoss } = applied;
  const pick = (kind: "types" | "components") =>
    changes
      .filter((one) => one.kind === (kind === "types" ? "type" : "component"))
      .map(({ type: id }) => ({
        ...wanted[kind].find((one) => one.id === id)!,
        if_version: current[kind].find((one) => one.id === id)?.version ?? 0,
        renames: renames.get(id),
        rename_from: oldIds[kind].get(id),
        ...(kind === "types" ? locales : {}),
      }));
  await client.types.createAll(
    { components: pick("components"), types: pick("types") },
    { replace: true, allow_data_loss: allowsDataLoss || undefined },
  );
}

/** Deletes a type, with its entries when that is allowed, or a component. */
export async function applyDeletion(applied: Applied, { kind, type: id }: TypeChange): Promise<void> {
  if (kind === "type") await deleteType(applied, id);
  else await applied.client.components.delete(id);
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
