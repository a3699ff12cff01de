import { invalid } from "../../../core/errors.ts";

const MIN_CHARS = 10;
const MAX_CHARS = 200;
/** What guessers try first, of those that are long enough. */
const COMMON =
  /^(?:password|passw0rd|qwertyuiop|1234567890|0987654321|letmein|iloveyou|administrator|welcome|abc123|qwerty|changeme)[\W\d]*$/i;

/**
 * Throws INVALID `identity/weak-password` for a password that is short, common, or made of the
 * person's own address.
 */
export function requireGoodPassword(password: unknown, email: string): asserts password is string {
  const problem = problemOf(password, email);
  if (problem === undefined) return;
  throw invalid("identity/weak-password", `The password ${problem}.`, [
    { path: "password", message: problem },
  ]);
}

function problemOf(password: unknown, email: string): string | undefined {
  if (typeof password !== "string" || !password.isWellFormed() || password.includes("\0"))
    return "must be a text";
  if ([...password].length < MIN_CHARS) return `must have ${MIN_CHARS} characters or more`;
  if (password.length > MAX_CHARS) return `must have ${MAX_CHARS} characters or fewer`;
  if (new Set(password).size < 5) return "must have five different characters or more";
  const [local = ""] = email.split("@");
  const plain = password.toLowerCase();
  if (
    COMMON.test(password) ||
    plain === email ||
    (local.length > 3 && plain.replace(/(?<![\W\d])[\W\d]+$/, "") === local)
  )
    return "is too common";
  return undefined;
}
