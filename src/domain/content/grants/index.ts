export {
  mapConditions,
  OPERATORS,
  readWhere,
  whereOf,
  type Filter,
  type Operator,
  type Where,
} from "./where.ts";
export { FACTS, isAlways, isNever, joined, NEVER, type Condition } from "./condition.ts";
export { holds, type Subject } from "./holds.ts";
export { covers, fieldsNow, isBelow } from "./field-paths.ts";
export { conditionOf } from "./read-condition.ts";
export { conditionSql, type RowSql } from "./condition-sql.ts";
export {
  accessOf,
  buildAccess,
  decide,
  fieldNotReadable,
  grantedIf,
  isAlwaysGranted,
  isWhollyGranted,
  notGranted,
  type Access,
  type ContentAction,
  type Part,
} from "./access.ts";
