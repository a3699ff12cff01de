import { call, dataOf, outcomeOf, type Connection } from "../api.ts";
import { countsOf, type ImportReport } from "./report.ts";

type Field = { id: string; type: string; [rule: string]: unknown };
type Definition = { id: string; fields: Field[]; [name: string]: unknown };

/** Makes content types; one that exists keeps what it has and gets the fields that it lacks. */
export async function prepareTypes(
  connection: Connection,
  types: Record<string, unknown>[],
  report: ImportReport,
): Promise<void> {
  const existing = new Map(
    dataOf<Definition[]>(await call(connection, "GET", "/types")).map((type) => [type.id, type]),
  );
  for (const type of types as Definition[]) {
    const current = existing.get(type.id);
    const counts = countsOf(report, "type");
    counts.seen++;
    const definition = current ? withNewFields(current, type) : type;
    counts[outcomeOf(await call(connection, "PUT", `/types/${type.id}`, definition))]++;
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
