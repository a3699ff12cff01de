import type { Command } from "../command.ts";
import { CONNECTION_HELP } from "../connection.ts";
import { print } from "../terminal.ts";
import {
  compare,
  CONFIG_HELP,
  isLosing,
  MOVES_HELP,
  readConfigOptions,
  type Moves,
} from "./config-options.ts";
import { showPlan } from "./show-plan.ts";

export const diffCommand: Command = {
  name: "diff",
  summary: "what `flow types push` would do",
  help: `flow types diff: compares the files with the environment and prints what \`flow types push\` would do.

  flow types diff
  flow types diff --check               exit code 1 when there is a difference, for a build
  flow types diff --json --environment staging

${CONNECTION_HELP}
${CONFIG_HELP}
${MOVES_HELP}
  --keep-others     do not delete types without a file
  --check           exit code 1 when there is a difference
  --json            print the plan as JSON

Each change is [safe] or [data-losing]: a removed field or type with values, a changed field type, a rule that
values may violate.
Exit code: 0 done, 1 something failed or (with --check) differs, 2 the command was wrong.
`,
  async run(args) {
    const options = readConfigOptions(args, ["check", "keep-others"]);
    const { client, dir, check, json, "keep-others": keepsOthers } = options;
    const { plan } = await compare(client, dir, keepsOthers, options as Moves);
    const outcome = { differs: plan.length > 0, loses_data: isLosing(plan), changes: plan };
    print(json ? `${JSON.stringify(outcome)}\n` : showPlan(plan));
    return check && plan.length > 0 ? 1 : 0;
  },
};
