import type { Command } from "./command.ts";
import { exportCommand } from "./export/command.ts";
import { importCommand } from "./import/command.ts";
import { migrateCommand } from "./migrate/command.ts";
import { typesCommand } from "./types/types-command.ts";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [importCommand, exportCommand, typesCommand, migrateCommand];
