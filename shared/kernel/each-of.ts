export interface FanOut {
  /** How many run at the same time. */
  readonly limit: number;
  /** No further item begins once it has aborted; what is under way ends by itself, by the signal it was given. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` for every item, at most `limit` at once, and resolves when all have ended. After the first failure no
 * further item begins; those under way are waited for, so that nothing goes on behind the caller's back, and then the
 * first failure is thrown.
 * @throws what `work` threw first, or the signal's reason
 */
export async function eachOf<T>(
  items: Iterable<T>,
  { limit, signal }: FanOut,
  work: (item: T) => void | Promise<void>,
): Promise<void> {
  // One iterator for all: an item goes to whoever is free.
  const left = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      for (let next = left.next(); failure === undefined && next.done !== true; next = left.next()) {
        signal?.throwIfAborted();
        await work(next.value);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failure !== undefined) throw failure.error;
}

/** {@link eachOf} with results, in the order of the items. */
export async function mapOf<T, R>(
  items: Iterable<T>,
  fanOut: FanOut,
  work: (item: T) => R | Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  await eachOf([...items].entries(), fanOut, async ([at, item]) => {
    results[at] = await work(item);
  });
  return results;
}
