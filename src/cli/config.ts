/** Describes a content type in a file of `flow/types`. */
export { defineComponent, defineType } from "./types/define-type.ts";
export type { ComponentDefinition, FieldDefinition, TypeDefinition } from "./types/define-type.ts";
/** Describes a change of existing entries for `flow migrate`. */
export { defineMigration } from "./migrate/define-migration.ts";
export type { Migration, MigratedEntry } from "./migrate/define-migration.ts";
