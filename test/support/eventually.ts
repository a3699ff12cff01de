/**
 * Waits until a condition holds; fails after `withinMs`, which a busy machine must not reach. Answers
 * how long it took, in milliseconds.
 */
export async function eventually(holds: () => Promise<boolean>, withinMs = 20_000): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > withinMs)
      throw new Error(`It did not come to hold within ${withinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - startedAt;
}
