import { clientError } from "./errors.ts";

/** A path of the given steps; throws for a step that an address cannot hold. */
export function pathOf(...steps: (string | number)[]): string {
  return steps.map((step) => `/${stepOf(String(step))}`).join("");
}

function stepOf(step: string): string {
  if (step === "" || step === "." || step === "..")
    throw clientError("INVALID", "client/bad-id", `"${step}" cannot be an id or a slug.`);
  return encodeURIComponent(step);
}
