import type { JWTPayload } from "jose";

/** The claims that a JWT of a trusted key is read by, each of the form that it has to be. */
export type Claims = JWTPayload & {
  sub: string;
  exp: number;
  iat?: number;
  scope?: string;
  client_id?: string;
};

const MAX_NAME_CHARS = 200;
// oxlint-disable-next-line no-control-regex
const UNPRINTED = /[\u0000-\u001f\u007f-\u009f]/;

const isNumber = (value: unknown) => typeof value === "number";
/** A value that is safe and distinguishable in a log. */
const isName = (value: unknown) =>
  typeof value === "string" &&
  value.trim() !== "" &&
  value.length <= MAX_NAME_CHARS &&
  value.isWellFormed() &&
  !UNPRINTED.test(value);

const NAME = `a string of 1 to ${MAX_NAME_CHARS} characters`;
const TIME = "a number of seconds";
const FORMS: [claim: string, must: string, isRight: (value: unknown) => boolean][] = [
  ["sub", NAME, isName],
  ["jti", NAME, isName],
  ["client_id", NAME, isName],
  ["scope", "words separated by spaces", (value) => typeof value === "string"],
  ["aud", "a string, or a list of strings", isTexts],
  ["exp", TIME, isNumber],
  ["nbf", TIME, isNumber],
  ["iat", TIME, isNumber],
];

function isTexts(value: unknown): boolean {
  return (Array.isArray(value) ? value : [value]).every((one) => typeof one === "string");
}

/**
 * The first claim that is there in another form than it has to be, and what it must be; undefined when
 * all are right.
 */
export function malformedClaim(payload: JWTPayload): { claim: string; must: string } | undefined {
  const [claim, must] =
    FORMS.find(([name, , isRight]) => payload[name] !== undefined && !isRight(payload[name])) ?? [];
  return claim === undefined ? undefined : { claim, must: `must be ${must!}` };
}
