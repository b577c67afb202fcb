import type { CallOptions } from '../../shared/kernel/call-options.ts';

/**
 * Makes something when it is first asked for, and again after a failure: what starts a process may fail for a moment. The
 * signal of who asks first ends it; who asks next then has it made anew.
 */
export function once<T>(make: (options: CallOptions) => Promise<T>): (options?: CallOptions) => Promise<T> {
  let made: Promise<T> | undefined;
  return (options = {}) => {
    made ??= make(options);
    const current = made;
    current.catch(() => {
      if (made === current) made = undefined;
    });
    return current;
  };
}
