/** Whatever things can end with: a test, or a bench. */
export interface Lifetime {
  after(undo: () => unknown): void;
}

const stacks = new WeakMap<Lifetime, AsyncDisposableStack>();

/**
 * Has `undo` run at the end of the test. The last given runs first, and one that fails keeps no other from running:
 * a folder goes after the process that writes to it, and a process never stays.
 */
export function atEnd(t: Lifetime, undo: () => unknown): void {
  let stack = stacks.get(t);
  if (stack === undefined) {
    const made = new AsyncDisposableStack();
    stacks.set(t, made);
    t.after(() => made.disposeAsync());
    stack = made;
  }
  stack.defer(async () => {
    await undo();
  });
}
