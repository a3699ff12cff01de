import { invalid } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";

const KNOWN = ["environment", "receipt"];

/** Throws INVALID `http/unknown-parameter` for a query of what has none but those of every read. */
export function refuseQuery({ searchParams }: URL): void {
  const name = [...searchParams.keys()].find((one) => !KNOWN.includes(one))?.slice(0, 100);
  if (name === undefined) return;
  const message = `is not a parameter of this route.${didYouMean(name, KNOWN)}`;
  throw invalid("http/unknown-parameter", `${name} ${message}`, [{ path: name, message }], 400);
}
