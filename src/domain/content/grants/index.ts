export { OPERATORS, readWhere, whereOf, type Filter, type Operator, type Where } from "./where.ts";
export {
  conditionOf,
  FACTS,
  holds,
  isAlways,
  isNever,
  joined,
  NEVER,
  type Condition,
  type Subject,
} from "./condition.ts";
export { conditionSql, type RowSql } from "./condition-sql.ts";
export {
  accessOf,
  buildAccess,
  decide,
  fieldNotReadable,
  fieldsNow,
  grantedIf,
  isAlwaysGranted,
  notGranted,
  type Access,
  type ContentAction,
  type Part,
} from "./access.ts";
