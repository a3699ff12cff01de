export { checkRules, MAX_EXPRESSIONS } from "./check-rules.ts";
export { rulesOfType, type TypeRules } from "./compile-rules.ts";
export { defaultExpression, type Rule, type RuledField, type RuledType } from "./ruled-fields.ts";
export {
  computeFields,
  fillFields,
  findProblems,
  formState,
  isMissing,
  type Finding,
  type Run,
  type Store,
} from "./run-rules.ts";
