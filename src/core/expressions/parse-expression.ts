import { Environment, type ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError } from "./expression-error.ts";

export const MAX_EXPRESSION_CHARS = 1000;
export const MAX_EXPRESSION_NODES = 200;
export const MAX_EXPRESSION_DEPTH = 24;

/** An expression that can be evaluated; as text it is CEL. */
export type Expression = ASTNode;

const LANGUAGE = new Environment({
  limits: { maxAstNodes: MAX_EXPRESSION_NODES, maxDepth: MAX_EXPRESSION_DEPTH },
});

/** Reads an expression; throws ExpressionError. */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_EXPRESSION_CHARS)
    throw new ExpressionError(`has ${text.length} characters: at most ${MAX_EXPRESSION_CHARS} are allowed`);
  try {
    return LANGUAGE.parse(text).ast;
  } catch (error) {
    const { summary, range } = error as { summary?: string; range?: { start: number } };
    if (summary === undefined) throw error;
    const at = range ? ` (character ${range.start + 1})` : "";
    throw new ExpressionError(`is not a valid CEL expression: ${summary.slice(0, 200)}${at}`);
  }
}

/** The names of variables that an expression uses, in the order of their first use. */
export function namesIn(expression: Expression): Set<string> {
  const names = new Set<string>();
  collect(expression, new Set(), names);
  return names;
}

function collect(node: Expression, bound: ReadonlySet<string>, names: Set<string>): void {
  if (node.op === "id") {
    if (!bound.has(node.args)) names.add(node.args);
    return;
  }
  if (node.op === "rcall") {
    const [method, receiver, given] = node.args;
    collect(receiver, bound, names);
    const [variable] = given;
    const isMacro = MACROS.has(method) && given.length > 1 && variable?.op === "id";
    const inside = isMacro ? new Set([...bound, variable.args]) : bound;
    for (const one of isMacro ? given.slice(1) : given) collect(one, inside, names);
    return;
  }
  for (const one of nodesOf(node)) collect(one, bound, names);
}

/** Methods of lists that evaluate their last arguments once for each element. */
export const MACROS: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);

const isNode = (value: unknown): value is Expression =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;

const nodesOf = (node: Expression): Expression[] => {
  const flat = [node.args].flat(3) as unknown[];
  return node.op === "value" ? [] : flat.filter(isNode);
};
