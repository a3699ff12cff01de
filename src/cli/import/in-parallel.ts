/** Processes all items, `width` at a time; the first error stops those that have not started. */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const source =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : (items as Iterable<T>)[Symbol.iterator]();
  let turn: Promise<unknown> = Promise.resolve();
  const state = { isStopped: false };
  const take = (): Promise<IteratorResult<T>> => {
    const next = turn.then(() => source.next());
    turn = next.catch(() => undefined);
    return next;
  };
  const worker = async () => {
    try {
      for (let next = await take(); !next.done && !state.isStopped; next = await take())
        await work(next.value);
    } catch (error) {
      state.isStopped = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
