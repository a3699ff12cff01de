export { PUBLISHED_DATA, publishedDataOf } from "./published-data.ts";
export { keptDataOf } from "./reshape-entries.ts";
export { backReferenceOf, backReferencesOf, type BackLink } from "./back-references.ts";
export { findPlace, placesOf } from "./field-places.ts";
export { checkType, parseType } from "./check-definition.ts";
export { resolverOf } from "./resolve-components.ts";
export { isNumeric, optionsOf } from "./field-rules.ts";
export {
  keepsToRules,
  mayBeUnchecked,
  mediaExpectation,
  mediaRulesOf,
  uncheckedRules,
  type MediaRules,
} from "./media-rules.ts";
export {
  customIn,
  customNames,
  targetsIn,
  withCustom,
  withKnownKinds,
  type CustomIn,
} from "./rich-text-rules.ts";
export { beforeFilled, checkFields, checkValue, defaultOf, IS_COMPUTED } from "./check-value.ts";
export {
  adoptValue,
  asMany,
  elementOf,
  partOf,
  kindOf,
  openEnd,
  misnamed,
  newWorkCount,
  numericBounds,
  typesWhere,
  MAX_INDEXED_LENGTH,
  MAX_WORK,
  type Cell,
  type Check,
  type Column,
  type FilterKind,
  type WorkCount,
} from "./field-kinds/index.ts";
export {
  compileType,
  filterKind,
  hasExtremes,
  holdsReferences,
  innerFields,
  listsOf,
  type CompiledType,
} from "./compile-type.ts";
export {
  columnIn,
  columnsWhere,
  fieldAt,
  hasElements,
  hasInside,
  levelsIn,
  namesIn,
  PLACE_DIGITS,
} from "./inner-columns.ts";
export {
  FIELD_TYPES,
  MAX_TREE_LEVELS,
  ORDER,
  PATH,
  RELATIVES,
  RESERVED_FIELD_IDS,
  TypeDefinition,
  WriteNote,
  type ContentType,
  type Field,
  type ResolvedType,
} from "./schemas.ts";
export {
  schemaOf,
  typeOf,
  withSchema,
  forgetSchema,
  lockEnvironment,
  type EnvironmentSchema,
  type Locale,
} from "./schema-of-environment.ts";
export { createComponent, deleteComponent, putComponent } from "./save-component.ts";
export { createType, deleteType, putType } from "./save-type.ts";
export { makeSlug, roomOfMadeSlug } from "./make-slug.ts";
export { nameOfSet, tooLongRow, uniqueRows } from "./unique-together.ts";
export { MAX_SLUG_CHARS, SLUG_PATTERN, slugForm } from "./slug.ts";
export { afterChanges, changesOf } from "./stored-changes.ts";
