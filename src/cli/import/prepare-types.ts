import type { Client } from "../../sdk/index.ts";
import { countsOf, type ImportReport } from "./report.ts";

type Field = { id: string; type: string; [rule: string]: unknown };
type Definition = { id: string; fields: Field[]; [name: string]: unknown };

/** Makes content types; one that exists keeps what it has and gets the fields that it lacks. */
export async function prepareTypes(
  client: Client,
  types: Record<string, unknown>[],
  report: ImportReport,
): Promise<void> {
  const existing = new Map((await client.types.list()).map((type) => [type.id, type as Definition]));
  for (const type of types as Definition[]) {
    const current = existing.get(type.id);
    const counts = countsOf(report, "type");
    counts.seen++;
    const definition = current ? withNewFields(current, type) : type;
    counts[(await client.types.put(type.id, definition)).outcome]++;
  }
}

function withNewFields(current: Definition, wanted: Definition): Definition {
  const { version: _version, created_at: _created, updated_at: _updated, ...kept } = current;
  const missing = wanted.fields.filter((field) => {
    const same = current.fields.find((one) => one.id === field.id);
    if (same && !fits(same, field))
      throw new Error(
        `The content type "${current.id}" has a field "${field.id}" of type ${same.type}${same["localized"] ? ", localised" : ""}; the import needs ${field.type}${field["localized"] ? ", localised" : ""}. Import into another environment, or rename the field.`,
      );
    return !same;
  });
  return { ...(kept as Definition), fields: [...current.fields, ...missing] };
}

const fits = (a: Field, b: Field) =>
  a.type === b.type && !a["localized"] === !b["localized"] && !a["multiple"] === !b["multiple"];
