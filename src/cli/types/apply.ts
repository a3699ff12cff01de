import type { Client } from "../../sdk/index.ts";
import type { CurrentType, TypeChange } from "./plan.ts";
import type { Definition } from "./type-files.ts";

/**
 * Carries one change out. The type must still be as it was planned by; data goes only when that is
 * allowed.
 */
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
  const query = { version: current?.version ?? 0, allow_data_loss: allowsDataLoss || undefined };
  await client.types.put(change.type, wanted!, query);
}

async function deleteEntries(client: Client, type: string): Promise<void> {
  const ids: string[] = [];
  const query = { perspective: "draft", sort: ["id"], fields: ["id"] } as const;
  for await (const { id } of client.content.iterate(type, query)) ids.push(id);
  for (const id of ids) await client.content.delete(type, id, { on_reference: "null" });
}
