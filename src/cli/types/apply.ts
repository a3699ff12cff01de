import { call, everyOf, type Connection } from "../api.ts";
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
  let version = current?.version ?? 0;
  const put = async (definition: Definition) => {
    const query = `?version=${version}${allowsDataLoss ? "&allow_data_loss=true" : ""}`;
    const { body } = await call(connection, "PUT", path + query, definition, { isRepeatable: false });
    version = body.data.version as number;
  };
  const emptied = allowsDataLoss ? fieldsToEmpty(change) : [];
  if (emptied.length > 0) await put(withoutFields(wanted!, emptied));
  await put(wanted!);
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

function withoutFields(definition: Definition, ids: string[]): Definition {
  const { display_field: display, ...rest } = definition;
  const fields = definition.fields.filter(({ id }) => !ids.includes(id));
  return {
    ...rest,
    ...(display === undefined || ids.includes(display as string) ? {} : { display_field: display }),
    fields: fields.length > 0 ? fields : [{ id: "being_changed", type: "boolean" }],
  } as Definition;
}

async function deleteEntries(connection: Connection, type: string): Promise<void> {
  const ids: string[] = [];
  const list = `/content/${type}?perspective=draft&sort=id&limit=100&fields=id`;
  for await (const { id } of everyOf<{ id: string }>(connection, list)) ids.push(id);
  for (const id of ids) await call(connection, "DELETE", `/content/${type}/${id}?on_reference=null`);
}
