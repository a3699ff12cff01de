/** Describes a content type in a file of `flow/types`. */
export { defineType } from "./types/define-type.ts";
export type { FieldDefinition, TypeDefinition } from "./types/define-type.ts";
/** Describes a change of existing entries for `flow migrate`. */
export { defineMigration } from "./migrate/define-migration.ts";
export type { Migration, MigratedEntry } from "./migrate/define-migration.ts";
