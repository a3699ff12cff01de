import type { Command } from "../command.ts";
import { CONNECTION_HELP } from "../connection.ts";
import { describeError, print } from "../terminal.ts";
import { applyDeletion, applyTogether } from "./apply.ts";
import {
  compare,
  CONFIG_HELP,
  isLosing,
  MOVES_HELP,
  readConfigOptions,
  type Moves,
} from "./config-options.ts";
import type { TypeChange } from "./plan.ts";
import { showPlan } from "./show-plan.ts";

export const pushCommand: Command = {
  name: "push",
  summary: "make the environment's content types those of the files",
  help: `flow types push: makes the environment's content types those of the files.

  flow types push --dry-run             the plan only
  flow types push                       rejected when it would lose data
  flow types push --allow-data-loss     removed fields and types are deleted with their values
  flow types push --environment staging --json

${CONNECTION_HELP}
${CONFIG_HELP}
${MOVES_HELP}
  --keep-others     do not delete types without a file
  --allow-data-loss apply changes marked [data-losing]; entries of deleted types go to the trash
  --dry-run         print the plan and do nothing
  --json            print the plan and what was done as JSON

A rule that existing entries violate is always rejected, with a list of these entries: change them first (\`flow migrate\`).
Exit code: 0 done, 1 refused or failed, 2 the command was wrong.
`,
  async run(args) {
    const options = readConfigOptions(args, ["allow-data-loss", "dry-run", "keep-others"]);
    const { client, dir, json } = options;
    const allowsDataLoss = options["allow-data-loss"];
    const { plan, wanted, current, renames, locales, oldIds } = await compare(
      client,
      dir,
      options["keep-others"],
      options as Moves,
    );
    const isRefused = isLosing(plan) && !allowsDataLoss && !options["dry-run"];
    const outcome = { differs: plan.length > 0, loses_data: isLosing(plan), changes: plan };
    const applied: string[] = [];
    let failure: string | undefined;
    if (!json) print(showPlan(plan));
    if (!isRefused && !options["dry-run"]) {
      const applying = { client, wanted, current, renames, oldIds, locales, allowsDataLoss };
      const steps = stepsOf(applying, plan);
      for (const { done, run } of steps) {
        const ids = done.map(({ type }) => type);
        try {
          await run();
        } catch (error) {
          failure = `${ids.slice(0, 5).join(", ")}: ${describeError(error)}`;
          break;
        }
        applied.push(...ids);
      }
    }
    if (isRefused) failure = "Refused: this would lose data. Use --allow-data-loss to do it anyway.";
    if (json) print(`${JSON.stringify({ ...outcome, applied, error: failure ?? null })}\n`);
    else if (applied.length > 0) print(`Done: ${applied.join(", ")}.\n`);
    if (failure !== undefined && !json) process.stderr.write(`${failure}\n`);
    return failure === undefined ? 0 : 1;
  },
};

/** What is done one after the other, and which changes are done with it. */
function stepsOf(
  applying: Parameters<typeof applyTogether>[0],
  plan: readonly TypeChange[],
): { done: TypeChange[]; run: () => Promise<void> }[] {
  const written = plan.filter(({ action }) => action !== "delete");
  return [
    ...(written.length > 0 ? [{ done: written, run: () => applyTogether(applying, written) }] : []),
    ...plan
      .filter(({ action }) => action === "delete")
      .map((change) => ({ done: [change], run: () => applyDeletion(applying, change) })),
  ];
}
