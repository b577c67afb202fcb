import { Duration, Stack } from 'aws-cdk-lib';
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
import {
  deployDimensions,
  type GaugeName,
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  type MeteredDeploy,
  type MetricName,
} from '../shared/aws/metrics.ts';
import { LOOK_EVERY } from './deploy/look-by-time.ts';
import type { LandfallFunction } from './function/landfall-function.ts';

export interface AlarmsProps {
  readonly queue: Queue;
  readonly deadTriggers: Queue;
  readonly undelivered: Queue;
  readonly receive: LandfallFunction;
  readonly reconcile: LandfallFunction;
  /** Where the stack has documents of its own. */
  readonly documents: LandfallFunction | undefined;
  /** Where the stack tells anybody. */
  readonly notify: LandfallFunction | undefined;
  readonly bucketName: string;
  readonly actions: readonly IAlarmAction[];
}

interface Rule {
  /** Its heading in docs/aws.md. */
  readonly name: string;
  readonly metric: Metric;
  /** Above this, or below where `below` says so. */
  readonly threshold: number;
  /** Periods in a row. */
  readonly periods: number;
  /** How many of them. Default: all. */
  readonly atLeast?: number;
  readonly below?: true;
  /** Default: nothing is said where nothing happened. */
  readonly missing?: TreatMissingData;
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

/**
 * A gauge says each minute how many are not well. The least of five minutes, so that what is well by itself before
 * anybody has read of it is not told; and where nothing is written an alarm stays as it is, as ScheduleStopped has that.
 */
function gaugeRules({ bucketName }: AlarmsProps): readonly Rule[] {
  const gauge = (name: string, metric: GaugeName, meaning: string): Rule => ({
    name,
    metric: ownMetric(metric, bucketName, Stats.MINIMUM),
    threshold: 0,
    periods: 1,
    missing: TreatMissingData.IGNORE,
    meaning,
  });
  return [
    gauge('FailingSources', 'SourcesFailing', 'A source has failed for a quarter of an hour'),
    gauge('StalledSources', 'SourcesStalled', 'A source waits until somebody changes something'),
    gauge('StaleSources', 'SourcesStale', 'A source was due, and nobody knows how it is'),
    gauge('EmitFailures', 'EventsUnsent', 'Events wait in the outbox: the bus did not take them'),
    gauge('DocumentsRefused', 'DocumentsRefused', 'A source document is wrong; the last good one stays'),
    {
      name: 'ScheduleStopped',
      metric: ownMetric('SourcesFailing', bucketName, Stats.SAMPLE_COUNT),
      threshold: 1,
      periods: 2,
      below: true,
      missing: TreatMissingData.BREACHING,
      meaning: 'Nothing looks at the sources each minute',
    },
  ];
}

function countRules({ bucketName, notify }: AlarmsProps): readonly Rule[] {
  const notTold: Rule = {
    name: 'NotTold',
    metric: ownMetric('NotTold', bucketName, Stats.SUM),
    threshold: 0,
    // What is refused is refused once, and stands for an hour, as a webhook does.
    periods: 12,
    atLeast: 1,
    meaning: 'Somebody whom the documents name under notify is not told',
  };
  return [
    ...(notify === undefined ? [] : [notTold]),
    {
      name: 'WebhooksRefused',
      metric: ownMetric('WebhooksRefused', bucketName, Stats.SUM),
      threshold: 0,
      // Webhooks are rare: one that is refused stands for an hour, so that one an hour does not ring each time.
      periods: 12,
      atLeast: 1,
      meaning: 'Webhooks at the path of a receiver are refused, or its secret cannot be read',
    },
    {
      name: 'StartFailures',
      metric: ownMetric('StartFailed', bucketName, Stats.SUM),
      threshold: 0,
      // A store that does not answer for a moment is looked at again by itself; ReconcileErrors does not see it at all.
      periods: 2,
      meaning: 'Function reconcile cannot start: its store cannot be opened',
    },
  ];
}

/** `Reconcile` for the module `reconcile`. */
const capitalized = (module: string): string => `${module.charAt(0).toUpperCase()}${module.slice(1)}`;

const errorsOf = ({ lambda, module }: LandfallFunction, periods: number): Rule => ({
  name: `${capitalized(module)}Errors`,
  metric: lambda.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
  threshold: 0,
  periods,
  meaning: `Function ${module} ended in an error, a timeout or out of memory`,
});

/**
 * What no other alarm sees. A poll that fails or is not let run writes no gauge (ScheduleStopped), what collect failed on
 * three times is in a queue (UndeliveredEvents), and what reconcile is not let run for waits (OldestTrigger).
 */
const functionRules = ({ receive, reconcile, documents }: AlarmsProps): readonly Rule[] => [
  errorsOf(receive, 2),
  {
    name: 'ReceiveThrottles',
    metric: receive.lambda.metricThrottles({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 0,
    periods: 3,
    meaning: 'Function receive is not let run as often as it is called',
  },
  errorsOf(reconcile, 2),
  // It runs when somebody deploys, and once.
  ...(documents === undefined ? [] : [errorsOf(documents, 1)]),
];

/** What a person has to see to; docs/aws.md says of each what to do. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const rules = [queueRules, gaugeRules, countRules, functionRules].flatMap((of) => of(props));
    this.all = rules.map((rule) => this.#alarm(rule, props.actions));
  }

  #alarm(
    { name, metric, threshold, periods, atLeast = periods, below, missing, meaning }: Rule,
    actions: readonly IAlarmAction[],
  ): Alarm {
    const alarm = new Alarm(this, name, {
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: atLeast,
      alarmDescription: `${meaning}. What to do: docs/aws.md#${name.toLowerCase()}`,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    return telling(alarm, actions);
  }
}

/**
 * Goes off where a deploy failed for good, and ends once it has not. The metric is a gauge, written at each look: where
 * nothing is written it is as it was. Of the deploys of many sources under one name the worst counts, of all looks of a
 * quarter of an hour.
 * @param metered as its metrics have it
 */
export function failedAlarm(
  scope: Construct,
  { deploy: name, ...metered }: Omit<MeteredDeploy, 'stack'>,
  actions: readonly IAlarmAction[],
): Alarm {
  const isOfMany = metered.source === undefined;
  const alarm = new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: 'DeployFailed',
    dimensionsMap: { ...deployDimensions({ ...metered, deploy: name, stack: Stack.of(scope).stackName }) },
    statistic: isOfMany ? Stats.MAXIMUM : Stats.MINIMUM,
    period: isOfMany ? LOOK_EVERY : FIVE_MINUTES,
  }).createAlarm(scope, 'Failed', {
    threshold: 0,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.IGNORE,
    alarmDescription: `Deploy ${name} failed for good. What to do: docs/aws.md#deploys`,
  });
  return telling(alarm, actions);
}

/** Goes off where a consumer's event came to nothing: it waits in `queue` for somebody to look. */
export function undealtAlarm(scope: Construct, queue: Queue, actions: readonly IAlarmAction[]): Alarm {
  const alarm = visible(queue).createAlarm(scope, `${queue.node.id}Alarm`, {
    threshold: 0,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: 'An event was not dealt with. What to do: docs/aws.md#subscriptions',
  });
  for (const action of actions) alarm.addAlarmAction(action);
  return alarm;
}

/** Tells when it goes off, and when it is over. */
function telling(alarm: Alarm, actions: readonly IAlarmAction[]): Alarm {
  for (const action of actions) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  return alarm;
}
