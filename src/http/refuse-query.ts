import { invalid } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";

/** Throws INVALID `http/unknown-parameter` for a query of what has none but `environment`. */
export function refuseQuery({ searchParams }: URL): void {
  const name = [...searchParams.keys()].find((one) => one !== "environment")?.slice(0, 100);
  if (name === undefined) return;
  const message = `is not a parameter of this route.${didYouMean(name, ["environment"])}`;
  throw invalid("http/unknown-parameter", `${name} ${message}`, [{ path: name, message }], 400);
}
