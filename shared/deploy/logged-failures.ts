import type { DeployOutcome } from './visit/deploy-request.ts';

interface Logged {
  readonly code: string;
  readonly times: number;
}

const isPowerOfTwo = (value: number): boolean => (value & (value - 1)) === 0;

/** Keeps a failure that goes on from filling the log: it is told the first time, the second, the fourth, the eighth, … */
export class LoggedFailures {
  readonly #last = new Map<string, Logged>();

  /** Whether an outcome says no more than the ones before it did. */
  isRepeated(key: string, outcome: DeployOutcome): boolean {
    if (outcome.outcome !== 'failed') {
      if (outcome.outcome !== 'busy') this.#last.delete(key);
      return false;
    }
    const { code } = outcome.error;
    const last = this.#last.get(key);
    const times = last?.code === code ? last.times + 1 : 1;
    this.#last.set(key, { code, times });
    return !isPowerOfTwo(times);
  }
}
