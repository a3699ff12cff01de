import type { Budget } from "./budget.ts";
import { ExpressionError, NoValue, TooManySteps } from "./expression-error.ts";
import { compilePattern, FUNCTIONS, isMatch, METHODS, type Overload, type Taken } from "./functions.ts";
import { calculate, compare, equals, isNumeric } from "./operators.ts";
import { MACROS, type Expression } from "./parse-expression.ts";
import { kindInWords, kindOfValue, type Value } from "./values.ts";

/** The values of variables; undefined for names that are none. */
export type Lookup = (name: string) => Value | undefined;
type Of<Op extends Expression["op"]> = Extract<Expression, { op: Op }>;

/**
 * The value of a checked expression. Throws NoValue when it needs one that is missing, TooManySteps
 * beyond the budget, and ExpressionError for what else cannot be.
 */
export function evaluate(node: Expression, lookup: Lookup, budget: Budget): Value {
  budget.spend(1);
  const run = (one: Expression) => evaluate(one, lookup, budget);
  switch (node.op) {
    case "value":
      return constant(node.args);
    case "id":
      return variable(node.args, lookup);
    case ".":
      return partOf(run(node.args[0]), node.args[1]);
    case "[]":
      return at(run(node.args[0]), run(node.args[1]));
    case "list":
      return budget.madeList(node.args.map(run));
    case "map":
      return new Map(node.args.map(([name, value]) => [text(run(name)), run(value)]));
    case "?:":
      return run(truth(run(node.args[0])) ? node.args[1] : node.args[2]);
    case "&&":
    case "||":
      return either(node, run);
    case "!_":
      return !truth(run(node.args));
    case "-_":
      return calculate("-", 0n, run(node.args), budget);
    case "==":
      return equals(run(node.args[0]), run(node.args[1]), budget);
    case "!=":
      return !equals(run(node.args[0]), run(node.args[1]), budget);
    case "<":
      return compare(run(node.args[0]), run(node.args[1]), "<", budget) < 0;
    case "<=":
      return compare(run(node.args[0]), run(node.args[1]), "<=", budget) <= 0;
    case ">":
      return compare(run(node.args[0]), run(node.args[1]), ">", budget) > 0;
    case ">=":
      return compare(run(node.args[0]), run(node.args[1]), ">=", budget) >= 0;
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return calculate(node.op, run(node.args[0]), run(node.args[1]), budget);
    case "in":
      return isIn(run(node.args[0]), run(node.args[1]), budget);
    case "call": {
      const [name, args] = node.args;
      if (name === "has") return isThere(run(args[0]!));
      return call(name, FUNCTIONS[name] ?? [], args.map(run), budget);
    }
    case "rcall":
      return method(node, lookup, budget);
    default:
      throw new ExpressionError(`cannot use ${node.op}`);
  }
}

function constant(value: Of<"value">["args"]): Value {
  if (typeof value === "object" && value !== null) throw new ExpressionError("cannot use bytes or uint");
  return value;
}

function variable(name: string, lookup: Lookup): Value {
  const value = lookup(name);
  if (value === undefined) throw new ExpressionError(`has no "${name}"`);
  return value;
}

/** A part of an object: what is not there has none. */
function partOf(owner: Value, name: string): Value {
  if (owner === null) return null;
  if (owner instanceof Map) return owner.get(name) ?? null;
  throw new ExpressionError(`cannot take a part of ${kindInWords(kindOfValue(owner))}`);
}

function at(owner: Value, index: Value): Value {
  if (owner === null || index === null) return null;
  if (owner instanceof Map && typeof index === "string") return partOf(owner, index);
  if (Array.isArray(owner) && typeof index === "bigint") return owner[Number(index)] ?? null;
  throw new ExpressionError(`cannot take a part of ${kindInWords(kindOfValue(owner))}`);
}

const isThere = (value: Value): boolean => value !== null && !(Array.isArray(value) && value.length === 0);

function truth(value: Value): boolean {
  if (value === null) throw new NoValue();
  if (typeof value === "boolean") return value;
  throw new ExpressionError(`needs true or false where it has ${kindInWords(kindOfValue(value))}`);
}

function text(value: Value): string {
  if (typeof value === "string") return value;
  throw new ExpressionError("needs texts as the names in an object");
}

/** One side may decide whatever the other is, even one that cannot be evaluated. */
function either(node: Of<"&&"> | Of<"||">, run: (one: Expression) => Value): boolean {
  const decides = node.op === "||";
  const [left, right] = node.args;
  let failed: unknown;
  try {
    if (truth(run(left)) === decides) return decides;
  } catch (error) {
    if (!(error instanceof ExpressionError) || error instanceof TooManySteps) throw error;
    failed = error;
  }
  if (truth(run(right)) === decides) return decides;
  if (failed !== undefined) throw failed;
  return !decides;
}

function isIn(value: Value, owner: Value, budget: Budget): boolean {
  if (owner === null) throw new NoValue();
  if (Array.isArray(owner)) return owner.some((one) => equals(one, value, budget));
  if (owner instanceof Map) return typeof value === "string" && owner.has(value);
  throw new ExpressionError(`cannot use in on ${kindInWords(kindOfValue(owner))}`);
}

function call(name: string, overloads: Overload[], args: Value[], budget: Budget): Value {
  if (args.includes(null)) throw new NoValue();
  const found = overloads.find(
    ({ takes }) =>
      takes.length === args.length && takes.every((taken, i) => takesKind(taken, kindOfValue(args[i]!))),
  );
  if (found) return found.run(args as never[], budget);
  const given = args.map((one) => kindInWords(kindOfValue(one))).join(" and ");
  throw new ExpressionError(`cannot use ${name}() on ${given}`);
}

export const takesKind = (taken: Taken, kind: string): boolean =>
  taken === kind || taken === "any" || (taken === "number" && isNumeric(kind));

function method(node: Of<"rcall">, lookup: Lookup, budget: Budget): Value {
  const [name, receiver, args] = node.args;
  const owner = evaluate(receiver, lookup, budget);
  if (name === "matches") return matches(owner, args[0]!, budget);
  if (!MACROS.has(name)) {
    const given = args.map((one) => evaluate(one, lookup, budget));
    return call(name, METHODS[name] ?? [], [owner, ...given], budget);
  }
  if (owner === null) throw new NoValue();
  if (!Array.isArray(owner)) throw new ExpressionError(`can use ${name}() on lists only`);
  const variableName = (args[0] as Of<"id">).args;
  const each = (element: Value, body: Expression) =>
    evaluate(body, (one) => (one === variableName ? element : lookup(one)), budget);
  return macro(name, owner, args.slice(1), each);
}

const patterns = new WeakMap<Expression, ReturnType<typeof compilePattern>>();

function matches(owner: Value, pattern: Expression, budget: Budget): boolean {
  if (owner === null) throw new NoValue();
  if (typeof owner !== "string") throw new ExpressionError("can use matches() on texts only");
  let compiled = patterns.get(pattern);
  if (!compiled) {
    if (pattern.op !== "value") throw new ExpressionError("needs a pattern that is written in it");
    patterns.set(pattern, (compiled = compilePattern(String(pattern.args))));
  }
  return isMatch(owner, compiled, budget);
}

type Each = (element: Value, body: Expression) => Value;

function macro(name: string, list: Value[], [first, second]: Expression[], each: Each): Value {
  const holds = (element: Value) => truth(each(element, first!));
  switch (name) {
    case "all":
      return !some(list, (element) => !holds(element));
    case "exists":
      return some(list, holds);
    case "exists_one":
      return list.filter(holds).length === 1;
    case "filter":
      return list.filter(holds);
    default:
      return second
        ? list.filter(holds).map((element) => each(element, second))
        : list.map((element) => each(element, first!));
  }
}

/** Whether something holds for one, whatever cannot be said of others. */
function some(list: Value[], holds: (element: Value) => boolean): boolean {
  let failed: unknown;
  for (const element of list) {
    try {
      if (holds(element)) return true;
    } catch (error) {
      if (!(error instanceof ExpressionError) || error instanceof TooManySteps) throw error;
      failed ??= error;
    }
  }
  if (failed !== undefined) throw failed;
  return false;
}
