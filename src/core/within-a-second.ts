const POLL_MS = 100;
const MAX_WAIT_MS = 1000;

/**
 * Asks every 100 ms until there is an answer, for a second at most; undefined when there was none. `ask`
 * is told when it is asked for the last time.
 */
export async function withinASecond<T>(
  ask: (isLast: boolean) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let waited = 0; ; waited += POLL_MS) {
    const isLast = waited >= MAX_WAIT_MS;
    const answer = await ask(isLast);
    if (answer !== undefined || isLast) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
