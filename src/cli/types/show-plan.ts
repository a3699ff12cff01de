import type { FieldChange, TypeChange } from "./plan.ts";

const SIGNS = { create: "+", add: "+", change: "~", rename: "~", delete: "-", remove: "-" } as const;

/** A plan for a person: a line per type and field, with what it would cost. */
export function showPlan(plan: TypeChange[]): string {
  if (plan.length === 0) return "The files and the environment have the same types.\n";
  const lines = plan.flatMap((change) => [
    `${SIGNS[change.action]} ${change.action} ${change.kind} ${change.type}${tail(change)}`,
    ...change.fields.map(
      (field) => `    ${SIGNS[field.action]} ${field.action} ${field.field}${tail(field)}`,
    ),
  ]);
  const losing = plan.filter(({ risk }) => risk === "data-losing").length;
  const summary = `${plan.length} ${plan.every(({ kind }) => kind === "type") ? "type" : "definition"}${plan.length === 1 ? " differs" : "s differ"}${losing > 0 ? `, ${losing} with loss of data` : ""}.`;
  return `${lines.join("\n")}\n\n${summary}\n`;
}

function tail({ details, risk }: Pick<TypeChange | FieldChange, "details" | "risk">): string {
  const said = details.length > 0 ? ` (${details.join("; ")})` : "";
  return `${said} [${risk}]`;
}
