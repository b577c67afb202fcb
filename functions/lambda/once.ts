/** Makes something when it is first asked for, and again after a failure: what starts a process may fail for a moment. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    const current = made;
    current.catch(() => {
      if (made === current) made = undefined;
    });
    return current;
  };
}
