/** A command of `flow`: what it is called, one line about it, its own help page, and what it does. */
export type Command = {
  name: string;
  summary: string;
  help: string;
  /** Help pages of its subcommands, by name: `flow import wxr --help`. */
  pages?: Readonly<Record<string, string>>;
  /** Answers the exit code: 0 done, 1 something failed. Throws UsageError for a wrong command line (2). */
  run: (args: string[]) => Promise<number>;
};

/** A wrong command line: the message says what is expected; exit code 2. */
export class UsageError extends Error {}
