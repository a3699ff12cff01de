import { call, everyOf, type Connection } from "../api.ts";
import { currentEnvironment } from "../import/prepare-locales.ts";
import type { CurrentType, TypeChange } from "./plan.ts";
import type { Definition } from "./type-files.ts";

/** Carries one change out. The type must still be as it was planned by; data goes only when that is allowed. */
export async function applyChange(
  connection: Connection,
  change: TypeChange,
  wanted: Definition | undefined,
  current: CurrentType | undefined,
  allowsDataLoss: boolean,
): Promise<void> {
  const path = `/types/${change.type}`;
  if (change.action === "delete") {
    if (allowsDataLoss) await deleteEntries(connection, change.type);
    await call(connection, "DELETE", path);
    return;
  }
  if (allowsDataLoss && current) await emptyFields(connection, current, fieldsToEmpty(change));
  const query = `?version=${current?.version ?? 0}${allowsDataLoss ? "&allow_data_loss=true" : ""}`;
  await call(connection, "PUT", path + query, wanted, { isRepeatable: false });
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
async function emptyFields(connection: Connection, type: CurrentType, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const { locales } = await currentEnvironment(connection);
  const everywhere = Object.fromEntries(locales.map(({ code }) => [code, null]));
  const fields = type.fields.filter(({ id }) => ids.includes(id));
  const empty = Object.fromEntries(fields.map((field) => [field.id, field["localized"] ? everywhere : null]));
  const list = `/content/${type.id}?perspective=draft&locale=*&sort=id&limit=100`;
  for await (const entry of everyOf<{ id: string; [field: string]: unknown }>(connection, list)) {
    if (ids.every((id) => (entry[id] ?? null) === null)) continue;
    const path = `/content/${type.id}/${entry.id}?locale=*&allow_incomplete=true`;
    await call(connection, "PATCH", path, empty, { isRepeatable: true });
  }
}

async function deleteEntries(connection: Connection, type: string): Promise<void> {
  const ids: string[] = [];
  const list = `/content/${type}?perspective=draft&sort=id&limit=100&fields=id`;
  for await (const { id } of everyOf<{ id: string }>(connection, list)) ids.push(id);
  for (const id of ids) await call(connection, "DELETE", `/content/${type}/${id}?on_reference=null`);
}
