import type { Command } from "./command.ts";
import { environmentsCommand } from "./environments/command.ts";
import { exportCommand } from "./export/command.ts";
import { importCommand } from "./import/command.ts";
import { initCommand } from "./init/command.ts";
import { keysCommand } from "./keys/command.ts";
import { loginCommand, logoutCommand } from "./login/command.ts";
import { migrateCommand } from "./migrate/command.ts";
import { tokensCommand } from "./tokens/command.ts";
import { typesCommand } from "./types/command.ts";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  importCommand,
  exportCommand,
  typesCommand,
  migrateCommand,
  environmentsCommand,
  tokensCommand,
  keysCommand,
  loginCommand,
  logoutCommand,
  initCommand,
];
