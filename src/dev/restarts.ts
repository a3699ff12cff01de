const LIMIT = 5;
const WITHIN_MS = 60_000;

/** Says on standard error that something ended and is started again; throws when it did so too often. */
export type Restarts = { count(what: string, why: string): void };

/** Five restarts within a minute, of all that it counts together. */
export function newRestarts(log: (line: string) => void, now: () => number = Date.now): Restarts {
  let at: number[] = [];
  return {
    count(what, why) {
      at = [...at.filter((time) => time > now() - WITHIN_MS), now()];
      if (at.length > LIMIT)
        throw new Error(`${what} ended ${at.length} times within a minute (${why}): not started again.`);
      log(
        `${what} ended unexpectedly (${why}); it is started again (${at.length} of ${LIMIT} within a minute).`,
      );
    },
  };
}
