import type { LandfallError } from '../errors.ts';
import type { Condition, ConditionType } from '../model/status.ts';

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

/** The last reconcile failed; whether the source is stalled stays as it was. */
export const unreadyConditions = (
  conditions: readonly Condition[],
  { code: reason, message }: LandfallError,
  now: string,
): readonly Condition[] => withCondition(conditions, 'Ready', { status: 'False', reason, message }, now);

/** The revision itself is bad, or the document is: the same again cannot end differently. */
const FINAL = 'not tried again until something changes';
/** Credentials, a proxy, a missing tag: the next reconcile at its interval sees the change, and nothing asks sooner. */
const ELSEWHERE = 'needs a change outside Landfall; looked at again at its interval';

export function failedConditions(
  conditions: readonly Condition[],
  error: LandfallError,
  { now, isFinal }: { readonly now: string; readonly isFinal: boolean },
): readonly Condition[] {
  const { code: reason, kind } = error;
  return withCondition(
    unreadyConditions(conditions, error, now),
    'Stalled',
    kind === 'permanent'
      ? { status: 'True', reason, message: isFinal ? FINAL : ELSEWHERE }
      : { status: 'False', reason, message: 'will be tried again' },
    now,
  );
}
