/** What CloudWatch has of an alarm on one metric: CloudFormation's names, periods in seconds. */
export interface AlarmRule {
  readonly Statistic: 'Minimum' | 'Sum' | 'SampleCount';
  readonly Period: number;
  readonly EvaluationPeriods: number;
  /** Default: all of them. */
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

type State = 'OK' | 'ALARM';

export interface StateChange {
  /** Minutes since the start. */
  readonly minute: number;
  readonly state: State;
}

const STATISTICS = {
  Minimum: (values: readonly number[]) => Math.min(...values),
  Sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  SampleCount: (values: readonly number[]) => values.length,
} as const;

const isBreaching = (value: number, { ComparisonOperator, Threshold }: AlarmRule): boolean =>
  ComparisonOperator === 'GreaterThanThreshold' ? value > Threshold : value < Threshold;

/** The next state, by M of N: missing points count as the rule says, and `ignore` keeps what is where none is there. */
function evaluate(points: readonly (number | undefined)[], rule: AlarmRule, before: State): State {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, TreatMissingData } = rule;
  const there = points.filter((point) => point !== undefined);
  if (there.length === 0 && TreatMissingData === 'ignore') return before;
  const filled = points.flatMap((point) => {
    if (point !== undefined) return [isBreaching(point, rule)];
    return TreatMissingData === 'ignore' ? [] : [TreatMissingData === 'breaching'];
  });
  return filled.filter(Boolean).length >= DatapointsToAlarm ? 'ALARM' : 'OK';
}

/**
 * The changes of state of an alarm over what was written in each minute, evaluated each minute over periods that end
 * there, as CloudWatch does.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export function stateChanges(
  minutes: readonly (number | undefined)[],
  rule: AlarmRule,
): readonly StateChange[] {
  const period = rule.Period / 60;
  const changes: StateChange[] = [];
  let state: State = 'OK';
  for (let minute = period * rule.EvaluationPeriods; minute <= minutes.length; minute += 1) {
    const points = Array.from({ length: rule.EvaluationPeriods }, (_, at) => {
      const end = minute - at * period;
      const values = minutes.slice(end - period, end).filter((value) => value !== undefined);
      return values.length === 0 ? undefined : STATISTICS[rule.Statistic](values);
    });
    const next = evaluate(points, rule, state);
    if (next !== state) changes.push({ minute, state: next });
    state = next;
  }
  return changes;
}
