import type { LandfallError } from '../errors.ts';
import type { Condition, ConditionType } from '../store/status.ts';

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** Sets one condition, keeping the time of its last change where only the message moved. */
function withCondition(
  conditions: readonly Condition[],
  type: ConditionType,
  { status, reason, message }: Verdict,
  now: string,
): readonly Condition[] {
  const before = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  return [
    ...conditions.filter((condition) => condition.type !== type),
    { type, status, reason, message, lastTransitionTime },
  ];
}

export function readyConditions(
  conditions: readonly Condition[],
  revision: string,
  now: string,
): readonly Condition[] {
  const ready = withCondition(
    conditions,
    'Ready',
    { status: 'True', reason: 'Succeeded', message: `at revision ${revision}` },
    now,
  );
  return withCondition(ready, 'Stalled', { status: 'False', reason: 'Succeeded', message: '' }, now);
}

export function failedConditions(
  conditions: readonly Condition[],
  error: LandfallError,
  now: string,
): readonly Condition[] {
  const { code: reason, message, kind } = error;
  const ready = withCondition(conditions, 'Ready', { status: 'False', reason, message }, now);
  return withCondition(
    ready,
    'Stalled',
    kind === 'permanent'
      ? { status: 'True', reason, message: 'not tried again until something changes' }
      : { status: 'False', reason, message: 'will be tried again' },
    now,
  );
}

export const isReady = (conditions: readonly Condition[]): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
