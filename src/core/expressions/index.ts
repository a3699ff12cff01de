export { Budget } from "./budget.ts";
export { typeOfExpression, type Scope } from "./check-expression.ts";
export { Decimal, readExact, roundExact, textOfExact, toExact, type Numeric } from "./decimal.ts";
export { evaluate, type Lookup } from "./evaluate.ts";
export { ExpressionError, NoValue, TooManySteps } from "./expression-error.ts";
export {
  MAX_EXPRESSION_CHARS,
  MAX_EXPRESSION_DEPTH,
  MAX_EXPRESSION_NODES,
  namesIn,
  parseExpression,
  type Expression,
} from "./parse-expression.ts";
export {
  ANY,
  Duration,
  fromJson,
  kindInWords,
  listOf,
  mapOf,
  toJson,
  type Value,
  type ValueType,
} from "./values.ts";
