import { type ErrorCode, LandfallError } from '../../../shared/errors.ts';
import type { Store } from '../../../shared/store/store.ts';
import { type Gate, gateStore } from '../simulation/simulation-ports.ts';

/** Fails the calls whose name matches, e.g. `replace sources/web/site/status.json`, so many times; the rest go through. */
export function failOn(pattern: RegExp, code: ErrorCode, times = Number.POSITIVE_INFINITY): Gate {
  let left = times;
  return async (_port, call, effect) => {
    if (!pattern.test(call) || left <= 0) return effect();
    left -= 1;
    throw new LandfallError(code, `${call} failed by plan`);
  };
}

export const failingStore = (store: Store, ...plan: Parameters<typeof failOn>): Store =>
  gateStore(store, failOn(...plan));
