import type { Command } from "../command.ts";
import { diffCommand } from "./diff.ts";
import { pullCommand } from "./pull.ts";
import { pushCommand } from "./push.ts";

/** Content types as files of the project. */
export const configSubcommands: Record<"pull" | "diff" | "push", Command> = {
  pull: pullCommand,
  diff: diffCommand,
  push: pushCommand,
};
