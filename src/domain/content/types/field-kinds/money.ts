import { currencyCodes, currencyPlaces } from "../../../../core/currencies.ts";
import { withPlaces } from "../../../../core/decimals.ts";
import type { Field } from "../schemas.ts";
import { boundsProblem, DECIMAL_BOUND, decimalOf, placesProblem } from "./decimals.ts";
import { fail, join, within, type Check, type FieldKind } from "./field-kind.ts";

const expects = (field: Field) =>
  `{ "amount": "12.50", "currency": "EUR" }, the amount as a decimal${within(field)}`;

/** The amount and the currency are in one row. */
export const MONEY: FieldKind = {
  filter: "parts",
  parts: { amount: { type: "decimal", place: 0 }, currency: { type: "short_text", place: 0 } },
  orderedBy: ["currency", "amount"],
  options: ["currencies"],
  bound: {
    ...DECIMAL_BOUND,
    problem({ currencies }, bound) {
      const places = [...(currencies ?? currencyCodes())].map((code) => currencyPlaces(code) ?? 0);
      return placesProblem(decimalOf(bound)!, Math.max(...places));
    },
  },
  expects,
  check(field, value, path, check) {
    if (typeof value !== "object" || value === null) return fail(check, path, `must be ${expects(field)}`);
    const { amount: written, currency, ...others } = value as Record<string, unknown>;
    const amount = decimalOf(written);
    if (amount === undefined || Object.keys(others).length > 0)
      return fail(check, path, `must be ${expects(field)}`);
    const places = placesOf(field, currency, path, check);
    if (places === undefined) return null;
    const problem = placesProblem(amount, places) ?? boundsProblem(field, amount);
    if (problem !== undefined) return fail(check, join(path, "amount"), problem);
    return { amount: withPlaces(amount, places), currency };
  },
  cells(value) {
    const { amount, currency } = Object(value) as Record<string, unknown>;
    return decimalOf(amount) !== undefined && typeof currency === "string"
      ? [{ d: String(amount), t: currency }]
      : [];
  },
};

function placesOf(field: Field, currency: unknown, path: string, check: Check): number | undefined {
  const say = (message: string) => void fail(check, join(path, "currency"), message);
  const places = typeof currency === "string" ? currencyPlaces(currency) : undefined;
  if (places === undefined) return say("must be a currency's code of ISO 4217 in capitals, such as EUR");
  if (field.currencies && !field.currencies.includes(currency as string))
    return say(`must be one of ${field.currencies.join(", ")}`);
  return places;
}
