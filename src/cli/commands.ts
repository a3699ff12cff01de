import type { Command } from "./command.ts";
import { importCommand } from "./import/command.ts";
import { typesCommand } from "./types/command.ts";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [importCommand, typesCommand];
