import { FlowError, type Client } from "../../sdk/index.ts";
import { countsOf, type ImportReport } from "./report.ts";

type Field = { id: string; type: string; [rule: string]: unknown };
type Definition = { id: string; fields: Field[]; [name: string]: unknown };

/**
 * Makes content types; one that exists keeps what it has and gets the fields that it lacks. New ones are
 * made together, since they may refer to each other.
 */
export async function prepareTypes(
  client: Client,
  types: Record<string, unknown>[],
  report: ImportReport,
): Promise<void> {
  const list = async () => new Map((await client.types.list()).map((type) => [type.id, type as Definition]));
  let existing = await list();
  const known = new Set([...existing.keys(), ...types.map(({ id }) => id as string)]);
  const wanted = (types as Definition[]).map((type) => withKnownTargets(type, known, report));
  const counts = countsOf(report, "type");
  counts.seen += wanted.length;
  const missing = wanted.filter(({ id }) => !existing.has(id));
  try {
    if (missing.length > 0) await client.types.createAll({ types: missing });
    counts.created += missing.length;
  } catch (error) {
    // Another import at the same time may have made them.
    if (!(error instanceof FlowError && error.status === 409)) throw error;
    existing = await list();
    if (missing.some(({ id }) => !existing.has(id))) throw error;
  }
  for (const type of wanted) {
    const current = existing.get(type.id);
    if (current) counts[(await client.types.put(type.id, withNewFields(current, type))).outcome]++;
  }
}

/** References may lead to types that are not imported: those are left out, and any is taken where none is left. */
function withKnownTargets(type: Definition, known: ReadonlySet<string>, report: ImportReport): Definition {
  const fields = type.fields.map((field) => {
    const to = field["to"] as string[] | undefined;
    const missing = to?.filter((id) => !known.has(id)) ?? [];
    if (missing.length === 0) return field;
    const reason = `${field.id} refers to ${missing.join(", ")}, which is not there`;
    report.notes.push({ kind: "type", id: type.id, title: String(type["name"] ?? ""), reason });
    const { to: _to, ...any } = field;
    return missing.length === to!.length ? any : { ...any, to: to!.filter((id) => known.has(id)) };
  });
  return { ...type, fields: fields as Field[] };
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
