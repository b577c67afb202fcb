import { hintFor } from '../hint.ts';
import { NEXT_STEPS } from '../next-steps.ts';
import { formatSourceId } from './ids.ts';
import type { Failure, Status } from './status.ts';

/** What failed last, as whoever looks after the source is to read it. */
export type RecentFailure = Pick<Failure, 'code' | 'message' | 'hint'>;

const stepFor = (code: string): string | undefined =>
  Object.hasOwn(NEXT_STEPS, code) ? NEXT_STEPS[code as keyof typeof NEXT_STEPS] : undefined;

/**
 * Of a registry that cannot be reached now, whatever was wrong for good before and is not displaced by it; null where the
 * last look ended well and nothing is known to be wrong. Its next step is its own, not that of the other.
 */
export function lastFailureOf(status: Status): RecentFailure | null {
  const { conditions, failure } = status;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False') return failure;
  const { reason: code, message } = ready;
  if (failure?.code === code && failure.message === message) return failure;
  const step = stepFor(code);
  return {
    code,
    message,
    hint: step === undefined ? null : hintFor(step, { source: formatSourceId(status) }),
  };
}
