import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC_DIMENSION, METRIC_NAMESPACE, type MetricName } from '../shared/aws/metrics.ts';
import type { LandfallFunction } from './function/landfall-function.ts';

export interface AlarmsProps {
  readonly queue: Queue;
  readonly deadTriggers: Queue;
  readonly undelivered: Queue;
  readonly functions: readonly LandfallFunction[];
  readonly poll: LandfallFunction;
  readonly bucketName: string;
  readonly actions: readonly IAlarmAction[];
}

interface Rule {
  /** Its heading in docs/alarms.md. */
  readonly name: string;
  readonly metric: Metric;
  /** Above this, or below where `below` says so. */
  readonly threshold: number;
  /** Periods in a row. */
  readonly periods: number;
  readonly below?: true;
  readonly meaning: string;
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
/** A trigger that waits this long means that reconcile does not keep up, or does not run. */
const OLDEST_SECONDS = 15 * 60;

/** A metric of the functions' own, written to their logs in the embedded metric format. */
export const ownMetric = (metricName: MetricName, bucketName: string, statistic: string): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSION]: bucketName },
    statistic,
    period: FIVE_MINUTES,
  });

const visible = (queue: Queue): Metric =>
  queue.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: Stats.MAXIMUM });

function queueRules({ queue, deadTriggers, undelivered }: AlarmsProps): readonly Rule[] {
  return [
    {
      name: 'DeadTriggers',
      metric: visible(deadTriggers),
      threshold: 0,
      periods: 1,
      meaning: 'A trigger failed as often as it is tried',
    },
    {
      name: 'UndeliveredEvents',
      metric: visible(undelivered),
      threshold: 0,
      periods: 1,
      meaning: 'EventBridge or Lambda gave up delivering an event',
    },
    {
      name: 'OldestTrigger',
      metric: queue.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: Stats.MAXIMUM }),
      threshold: OLDEST_SECONDS,
      periods: 5,
      meaning: 'Triggers wait: reconcile does not keep up',
    },
  ];
}

function sourceRules({ bucketName, poll }: AlarmsProps): readonly Rule[] {
  const one = { threshold: 0, periods: 1 } as const;
  return [
    {
      name: 'FailingSources',
      metric: ownMetric('SourceFailed', bucketName, Stats.SUM),
      threshold: 0,
      periods: 3,
      meaning: 'A source has not been reconciled for a quarter of an hour',
    },
    {
      ...one,
      name: 'StalledSources',
      metric: ownMetric('SourceStalled', bucketName, Stats.SUM),
      meaning: 'A source cannot be reconciled until somebody changes something',
    },
    {
      ...one,
      name: 'EmitFailures',
      metric: ownMetric('EmitFailed', bucketName, Stats.SUM),
      meaning: 'Events wait in the outbox: the bus did not take them',
    },
    {
      ...one,
      name: 'DocumentsRefused',
      metric: ownMetric('DocumentsRefused', bucketName, Stats.SUM),
      meaning: 'A source document is wrong; the last good one stays in force',
    },
    {
      name: 'StartFailures',
      metric: ownMetric('StartFailed', bucketName, Stats.SUM),
      threshold: 0,
      // A store that does not answer for a moment is looked at again by itself; ReconcileErrors does not see it at all.
      periods: 2,
      meaning: 'Function reconcile cannot start: its store cannot be opened',
    },
    {
      name: 'ScheduleStopped',
      metric: poll.lambda.metricInvocations({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 1,
      periods: 2,
      below: true,
      meaning: 'Nothing looks at the sources each minute',
    },
  ];
}

/** `Reconcile` for the module `reconcile`. */
const capitalized = (module: string): string => `${module.charAt(0).toUpperCase()}${module.slice(1)}`;

const functionRules = ({ lambda, module }: LandfallFunction): readonly Rule[] => [
  {
    name: `${capitalized(module)}Errors`,
    metric: lambda.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 0,
    periods: 2,
    meaning: `Function ${module} ended in an error, a timeout or out of memory`,
  },
  {
    name: `${capitalized(module)}Throttles`,
    metric: lambda.metricThrottles({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 0,
    periods: 3,
    meaning: `Function ${module} is not let run as often as it is called`,
  },
];

/** What a person has to see to; docs/alarms.md says of each what to do. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const rules = [...queueRules(props), ...sourceRules(props), ...props.functions.flatMap(functionRules)];
    this.all = rules.map((rule) => this.#alarm(rule, props.actions));
  }

  #alarm(
    { name, metric, threshold, periods, below, meaning }: Rule,
    actions: readonly IAlarmAction[],
  ): Alarm {
    const alarm = new Alarm(this, name, {
      metric,
      threshold,
      evaluationPeriods: periods,
      alarmDescription: `${meaning}. What to do: docs/alarms.md#${name.toLowerCase()}`,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      // Lambda and the functions say nothing where nothing happened.
      treatMissingData: below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    for (const action of actions) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  }
}
