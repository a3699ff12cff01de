import { ExpressionError } from "./expression-error.ts";
import { takesKind } from "./evaluate.ts";
import { compilePattern, FUNCTIONS, METHODS, type Overload, type Taken } from "./functions.ts";
import { calculatedKind, isNumeric, numericKind } from "./operators.ts";
import { MACROS, type Expression } from "./parse-expression.ts";
import { ANY, kindInWords, listOf, mapOf, type Kind, type ValueType } from "./values.ts";

/** The types of the variables that an expression may use. */
export type Scope = ReadonlyMap<string, ValueType>;
type Of<Op extends Expression["op"]> = Extract<Expression, { op: Op }>;
const BOOL: ValueType = { kind: "bool" };

/** The type of an expression's value; throws ExpressionError for names and uses that cannot be. */
export function typeOfExpression(node: Expression, scope: Scope): ValueType {
  const typeOf = (one: Expression) => typeOfExpression(one, scope);
  switch (node.op) {
    case "value":
      return typeOfConstant(node.args);
    case "id": {
      const type = scope.get(node.args);
      if (type) return type;
      throw unknownName(`there is no "${node.args}" to use.`, node.args, scope);
    }
    case ".":
      return partOf(typeOf(node.args[0]), node.args[1]);
    case "[]":
      return elementAt(typeOf(node.args[0]), node.args[1], typeOf(node.args[1]));
    case "list":
      return listOf(commonType(node.args.map(typeOf)));
    case "map":
      return typeOfMap(node, typeOf);
    case "?:": {
      requireBool(typeOf(node.args[0]));
      return commonType([typeOf(node.args[1]), typeOf(node.args[2])]);
    }
    case "&&":
    case "||":
      for (const one of node.args) requireBool(typeOf(one));
      return BOOL;
    case "!_":
      requireBool(typeOf(node.args));
      return BOOL;
    case "-_":
      return calculated("-", { kind: "int" }, typeOf(node.args));
    case "==":
    case "!=":
      requireComparable(node.op, typeOf(node.args[0]), typeOf(node.args[1]), false);
      return BOOL;
    case "<":
    case "<=":
    case ">":
    case ">=":
      requireComparable(node.op, typeOf(node.args[0]), typeOf(node.args[1]), true);
      return BOOL;
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return calculated(node.op, typeOf(node.args[0]), typeOf(node.args[1]));
    case "in":
      return typeOfIn(typeOf(node.args[0]), typeOf(node.args[1]));
    case "call":
      return typeOfCall(node, typeOf);
    case "rcall":
      return typeOfMethod(node, scope);
    default:
      throw new ExpressionError(`cannot use ${node.op}`);
  }
}

function unknownName(message: string, written: string, names: ReadonlyMap<string, unknown>): ExpressionError {
  return new ExpressionError(message, { written, valid: () => names.keys() });
}

function typeOfConstant(value: Of<"value">["args"]): ValueType {
  if (value === null) return { kind: "null" };
  if (typeof value === "string") return { kind: "string" };
  if (typeof value === "bigint") return { kind: "int" };
  if (typeof value === "number") return { kind: "double" };
  if (typeof value === "boolean") return BOOL;
  throw new ExpressionError("cannot use bytes or uint");
}

function partOf(owner: ValueType, name: string): ValueType {
  if (owner.kind === "any" || owner.kind === "null") return ANY;
  if (owner.kind === "list")
    throw new ExpressionError(
      `has .${name} behind a list: use all(), exists(), filter() or map(), or [0] for its first`,
    );
  if (owner.kind !== "map")
    throw new ExpressionError(`has .${name} behind ${kindInWords(owner.kind)}, which has no parts`);
  if (!owner.fields) return ANY;
  const type = owner.fields.get(name);
  if (type) return type;
  throw unknownName(`there is no "${name}" in this object.`, name, owner.fields);
}

function elementAt(owner: ValueType, index: Expression, type: ValueType): ValueType {
  if (owner.kind === "map" && index.op === "value" && typeof index.args === "string")
    return partOf(owner, index.args);
  if (owner.kind === "list") {
    if (type.kind === "int" || type.kind === "any") return owner.of;
    throw new ExpressionError(`needs an integer in [ ] behind a list, not ${kindInWords(type.kind)}`);
  }
  if (owner.kind === "any" || owner.kind === "map" || owner.kind === "null") return ANY;
  throw new ExpressionError(`has [ ] behind ${kindInWords(owner.kind)}, which has no parts`);
}

function commonType(types: ValueType[]): ValueType {
  const known = types.filter(({ kind }) => kind !== "null");
  const [first] = known;
  if (!first) return types[0] ?? ANY;
  if (known.every((one) => isSame(one, first))) return first;
  const kinds = known.map(({ kind }) => kind);
  return kinds.every(isNumeric) ? { kind: numericKind(kinds) } : ANY;
}

/** Whether types are the same; those of objects are only when they are one. */
function isSame(a: ValueType, b: ValueType): boolean {
  if (a === b) return true;
  if (a.kind === "list" && b.kind === "list") return isSame(a.of, b.of);
  return a.kind === b.kind && a.kind !== "map";
}

function typeOfMap(node: Of<"map">, typeOf: (one: Expression) => ValueType): ValueType {
  return mapOf(
    node.args.map(([name, value]) => {
      if (name.op === "value" && typeof name.args === "string") return [name.args, typeOf(value)] as const;
      throw new ExpressionError('needs names in quotes in { "name": … }');
    }) as [string, ValueType][],
  );
}

function requireBool(type: ValueType): void {
  if (type.kind !== "bool" && type.kind !== "any" && type.kind !== "null")
    throw new ExpressionError(`needs true or false where it has ${kindInWords(type.kind)}`);
}

function requireComparable(operator: string, a: ValueType, b: ValueType, isOrdered: boolean): void {
  const isOpen = ({ kind }: ValueType) => kind === "any" || kind === "null";
  const unusable = () =>
    new ExpressionError(`cannot use ${operator} on ${kindInWords(a.kind)} and ${kindInWords(b.kind)}`);
  if (isOrdered && [a, b].some(({ kind }) => kind === "list" || kind === "map" || kind === "null"))
    throw unusable();
  if (isOpen(a) || isOpen(b) || a.kind === b.kind || (isNumeric(a.kind) && isNumeric(b.kind))) return;
  throw unusable();
}

function calculated(operator: string, a: ValueType, b: ValueType): ValueType {
  if (a.kind === "any" || b.kind === "any" || a.kind === "null" || b.kind === "null") return ANY;
  const kind = calculatedKind(operator, a.kind as Kind, b.kind as Kind);
  if (kind === undefined)
    throw new ExpressionError(`cannot use ${operator} on ${kindInWords(a.kind)} and ${kindInWords(b.kind)}`);
  if (kind === "list" && a.kind === "list" && b.kind === "list") return listOf(commonType([a.of, b.of]));
  return { kind } as ValueType;
}

function typeOfIn(value: ValueType, owner: ValueType): ValueType {
  if (owner.kind === "list") requireComparable("in", value, owner.of, false);
  else if (!["map", "any"].includes(owner.kind))
    throw new ExpressionError(`needs a list behind in, not ${kindInWords(owner.kind)}`);
  return BOOL;
}

function typeOfCall(node: Of<"call">, typeOf: (one: Expression) => ValueType): ValueType {
  const [name, args] = node.args;
  if (name === "has" && args.length === 1) return (typeOf(args[0]!), BOOL);
  const overloads = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  const types = args.map(typeOf);
  if (overloads) return resultOf(`${name}()`, overloads, types);
  const names = new Map([...Object.keys(FUNCTIONS), "has"].map((one) => [one, true]));
  throw unknownName(`there is no function "${name}".`, name, names);
}

function typeOfMethod(node: Of<"rcall">, scope: Scope): ValueType {
  const [name, receiver, args] = node.args;
  const owner = typeOfExpression(receiver, scope);
  if (MACROS.has(name)) return typeOfMacro(node, owner, scope);
  if (name === "matches" && args.length === 1) return typeOfMatches(owner, args[0]!);
  const types = [owner, ...args.map((one) => typeOfExpression(one, scope))];
  const overloads = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (overloads) return resultOf(`.${name}()`, overloads, types);
  const names = new Map([...Object.keys(METHODS), ...MACROS, "matches"].map((one) => [one, true]));
  throw unknownName(`there is no function ".${name}()".`, name, names);
}

function typeOfMatches(owner: ValueType, pattern: Expression): ValueType {
  if (owner.kind !== "string" && owner.kind !== "any")
    throw new ExpressionError(`cannot use .matches() on ${kindInWords(owner.kind)}`);
  if (pattern.op !== "value" || typeof pattern.args !== "string")
    throw new ExpressionError("needs a pattern in quotes in matches()");
  compilePattern(pattern.args);
  return BOOL;
}

function typeOfMacro(node: Of<"rcall">, owner: ValueType, scope: Scope): ValueType {
  const [name, , args] = node.args;
  const [variable, first, second] = args;
  const isRight = args.length === 2 || (name === "map" && args.length === 3);
  if (variable?.op !== "id" || !first || !isRight)
    throw new ExpressionError(`needs a name and an expression in ${name}(), such as ${name}(one, one != "")`);
  if (owner.kind !== "list" && owner.kind !== "any")
    throw new ExpressionError(`can use .${name}() on lists only, not on ${kindInWords(owner.kind)}`);
  const inside = new Map(scope).set(variable.args, owner.kind === "list" ? owner.of : ANY);
  const result = typeOfExpression(first, inside);
  if (name === "map" && !second) return listOf(result);
  requireBool(result);
  if (second) return listOf(typeOfExpression(second, inside));
  return name === "filter" ? owner : BOOL;
}

function resultOf(name: string, overloads: Overload[], types: ValueType[]): ValueType {
  const fits = (taken: Taken, { kind }: ValueType) => kind === "any" || takesKind(taken, kind);
  const found = overloads.filter(
    ({ takes }) => takes.length === types.length && takes.every((taken, i) => fits(taken, types[i]!)),
  );
  if (found.length === 0) {
    const given = types.map(({ kind }) => kindInWords(kind)).join(" and ");
    throw new ExpressionError(`cannot use ${name} on ${given || "nothing"}`);
  }
  return commonType(
    found.map(({ gives }) => {
      if (typeof gives === "function") return gives(types);
      return typeof gives === "string" ? ({ kind: gives } as ValueType) : gives;
    }),
  );
}
