import type { Client } from "../../sdk/index.ts";
import type { CurrentType, TypeChange } from "./plan.ts";
import type { Definition } from "./type-files.ts";

/** Carries one change out. The type must still be as it was planned by; data goes only when that is allowed. */
export async function applyChange(
  client: Client,
  change: TypeChange,
  wanted: Definition | undefined,
  current: CurrentType | undefined,
  allowsDataLoss: boolean,
): Promise<void> {
  if (change.action === "delete") {
    if (allowsDataLoss) await deleteEntries(client, change.type);
    await client.types.delete(change.type);
    return;
  }
  if (allowsDataLoss && current) await emptyFields(client, current, fieldsToEmpty(change));
  const query = { version: current?.version ?? 0, allow_data_loss: allowsDataLoss || undefined };
  await client.types.put(change.type, wanted!, query);
}

/** Fields whose values cannot stay: those of another type, or that begin or cease to be lists or localised. */
function fieldsToEmpty({ fields }: TypeChange): string[] {
  return fields
    .filter(
      ({ action, risk, field }) => action === "change" && risk === "data-losing" && !field.includes("."),
    )
    .filter(({ details }) => details.some((one) => /^(?:type|multiple|localized): /.test(one)))
    .map(({ field }) => field);
}

/** Takes the values of fields away, in every locale: what is stored would be wrong for the field as it will be. */
async function emptyFields(client: Client, type: CurrentType, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const { locales } = await client.environments.current();
  const everywhere = Object.fromEntries(locales.map(({ code }) => [code, null]));
  const fields = type.fields.filter(({ id }) => ids.includes(id));
  const empty = Object.fromEntries(fields.map((field) => [field.id, field["localized"] ? everywhere : null]));
  const query = { perspective: "draft", locale: "*", sort: ["id"] } as const;
  for await (const entry of client.content.iterate(type.id, query)) {
    if (ids.every((id) => (entry[id] ?? null) === null)) continue;
    await client.content.update(type.id, entry.id, empty, { locale: "*", allow_incomplete: true });
  }
}

async function deleteEntries(client: Client, type: string): Promise<void> {
  const ids: string[] = [];
  const query = { perspective: "draft", sort: ["id"], fields: ["id"] } as const;
  for await (const { id } of client.content.iterate(type, query)) ids.push(id);
  for (const id of ids) await client.content.delete(type, id, { on_reference: "null" });
}
